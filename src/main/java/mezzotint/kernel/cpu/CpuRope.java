package mezzotint.kernel.cpu;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** Rotary embedding on the CPU: a piece is a run of tokens of one sample, in all heads. */
final class CpuRope implements Kernels.Rope {
    private static final int PIECE_TOKENS = 16;

    private final CpuResources resources;

    CpuRope(CpuResources resources) {
        this.resources = resources;
    }

    @Override
    public void forward(Tensor y, Tensor x, Tensor table) {
        apply(y, x, table, false);
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Tensor table) {
        if (gradX != null) {
            apply(gradX, gradY, table, true);
        }
    }

    private void apply(Tensor target, Tensor source, Tensor table, boolean backward) {
        int heads = source.shape().size(1);
        int tokens = source.shape().size(2);
        int d = source.shape().size(3);
        int pieces = (tokens + PIECE_TOKENS - 1) / PIECE_TOKENS;
        NormRows rows = NormRows.of(resources.vectors(), d);
        resources.threads().forEach(source.shape().size(0) * pieces, (worker, chunk) -> {
            int sample = chunk / pieces;
            int from = chunk % pieces * PIECE_TOKENS;
            int to = Math.min(tokens, from + PIECE_TOKENS);
            int run = (to - from) * d;
            Rotation r = Rotation.expand(resources.scratch(), worker, rows, table, sample, from, to);
            for (int head = 0; head < heads; head++) {
                long offset = 4L * d * (((long) sample * heads + head) * tokens + from);
                CpuMemory.check(source.address() + offset, 4L * run);
                CpuMemory.check(target.address() + offset, 4L * run);
                if (backward) {
                    rows.addRotatedBack(target.address() + offset, source.address() + offset, r.cos(), r.sin(), run);
                } else {
                    rows.rotate(target.address() + offset, source.address() + offset, r.cos(), r.sin(), run);
                }
            }
        });
    }
}
