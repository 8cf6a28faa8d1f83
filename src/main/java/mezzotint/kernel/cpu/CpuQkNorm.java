package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/**
 * Normalisation, rotation and head layout in one pass on the CPU: a piece is a run of tokens of one sample, in all heads, so
 * that the rotations are spread once for all of them.
 */
final class CpuQkNorm implements Kernels.QkNorm {
    private static final int PIECE_TOKENS = 16;
    private static final int PARTIAL_SLOT = 0;
    private static final int ROTATED_SLOT = 2;

    private final CpuResources resources;

    CpuQkNorm(CpuResources resources) {
        this.resources = resources;
    }

    /** Where the rows of one call lie: addresses of the (B, H, L, d) and the (B, L, X) side and of (B, L, H) numbers. */
    private record Layout(long heads, long x, long rstd, int h, int l, int d, int stride) {
        static Layout of(Tensor heads, Tensor x, Tensor rstd, int column) {
            return new Layout(
                    heads.address(),
                    x == null ? 0 : x.address() + 4L * column,
                    rstd == null ? 0 : rstd.address(),
                    heads.shape().size(1),
                    heads.shape().size(2),
                    heads.shape().size(3),
                    x == null ? 0 : x.shape().size(2));
        }

        long headRow(int sample, int head, int token) {
            long row = heads + 4L * d * (((long) sample * h + head) * l + token);
            CpuMemory.check(row, 4L * d);
            return row;
        }

        long xRow(int sample, int head, int token) {
            long row = x + 4L * (((long) sample * l + token) * stride + (long) head * d);
            CpuMemory.check(row, 4L * d);
            return row;
        }

        long rstdAt(int sample, int head, int token) {
            return rstd + 4L * (((long) sample * l + token) * h + head);
        }

        int pieces() {
            return (l + PIECE_TOKENS - 1) / PIECE_TOKENS;
        }
    }

    @Override
    public void forward(Tensor heads, Tensor rstd, Tensor x, Tensor scale, Tensor table, int column, float eps) {
        Layout at = Layout.of(heads, x, rstd, column);
        NormRows rows = NormRows.of(resources.vectors(), at.d);
        long weights = scale == null ? 0 : scale.address();
        resources.threads().forEach(heads.shape().size(0) * at.pieces(), (worker, chunk) -> {
            int sample = chunk / at.pieces();
            int from = chunk % at.pieces() * PIECE_TOKENS;
            int to = Math.min(at.l, from + PIECE_TOKENS);
            Rotation rotation = rotation(worker, rows, table, sample, from, to);
            for (int head = 0; head < at.h; head++) {
                normaliseAndRotate(rows, at, sample, head, from, to - from, weights, rotation, eps);
            }
        });
    }

    /** Some tokens of one head. */
    private static void normaliseAndRotate(
            NormRows rows,
            Layout at,
            int sample,
            int head,
            int from,
            int tokens,
            long scale,
            Rotation rotation,
            float eps) {
        long x = at.xRow(sample, head, from);
        long y = at.headRow(sample, head, from);
        long rowBytes = 4L * at.stride;
        CpuMemory.check(x, (tokens - 1) * rowBytes + 4L * at.d);
        CpuMemory.check(y, 4L * at.d * tokens);
        long rstd = at.rstdAt(sample, head, from);
        long rstdBytes = 4L * at.h;
        if (scale != 0) {
            rows.reciprocalRms(rstd, rstdBytes, x, rowBytes, tokens, at.d, eps);
            if (!rotation.isNone()) {
                rows.scaleAndRotate(
                        y, x, rowBytes, rstd, rstdBytes, scale, rotation.cos(), rotation.sin(), tokens, at.d);
                return;
            }
        }
        for (int token = 0; token < tokens; token++) {
            long source = x + token * rowBytes;
            long offset = 4L * at.d * token;
            if (scale != 0) {
                rows.scale(y + offset, source, Floats.get(rstd + token * rstdBytes, 0), scale, at.d);
            } else if (rotation.isNone()) {
                MemorySegment.copy(ALL, source, ALL, y + offset, 4L * at.d);
            } else {
                rows.rotate(y + offset, source, rotation.cos() + offset, rotation.sin() + offset, at.d);
            }
        }
    }

    @Override
    public void backward(
            Tensor gradX,
            Tensor gradScale,
            Tensor gradHeads,
            Tensor x,
            Tensor rstd,
            Tensor scale,
            Tensor table,
            int column) {
        Layout at = Layout.of(gradHeads, x, rstd, column);
        Layout to = Layout.of(gradHeads, gradX, rstd, column);
        NormRows rows = NormRows.of(resources.vectors(), at.d);
        int pieces = gradHeads.shape().size(0) * at.pieces();
        long partials = gradScale == null ? 0 : resources.scratch().shared(PARTIAL_SLOT, 4L * at.d * pieces);
        resources.threads().forEach(pieces, (worker, chunk) -> {
            long partial = partials == 0 ? 0 : PartialSums.clear(partials, chunk, at.d);
            int sample = chunk / at.pieces();
            int from = chunk % at.pieces() * PIECE_TOKENS;
            int end = Math.min(at.l, from + PIECE_TOKENS);
            Rotation rotation = rotation(worker, rows, table, sample, from, end);
            long rotated = resources.scratch().worker(worker, ROTATED_SLOT, 4L * at.d);
            for (int head = 0; head < at.h; head++) {
                for (int token = from; token < end; token++) {
                    long gradient = at.headRow(sample, head, token);
                    if (!rotation.isNone()) {
                        long turn = 4L * at.d * (token - from);
                        rows.rotateBack(rotated, gradient, rotation.cos() + turn, rotation.sin() + turn, at.d);
                        gradient = rotated;
                    }
                    long target = gradX == null ? 0 : to.xRow(sample, head, token);
                    addGradients(rows, target, partial, gradient, at, sample, head, token, scale);
                }
            }
        });
        if (gradScale != null) {
            PartialSums.addInOrder(rows, gradScale, partials, pieces, at.d);
        }
    }

    private static void addGradients(
            NormRows rows,
            long gradX,
            long gradScale,
            long gradY,
            Layout at,
            int sample,
            int head,
            int token,
            Tensor scale) {
        if (scale != null) {
            float rstd = ALL.get(JAVA_FLOAT_UNALIGNED, at.rstdAt(sample, head, token));
            rows.addGradients(gradX, gradScale, gradY, at.xRow(sample, head, token), rstd, scale.address(), at.d);
        } else if (gradX != 0) {
            rows.add(gradX, gradY, at.d);
        }
    }

    private Rotation rotation(int worker, NormRows rows, Tensor table, int sample, int from, int to) {
        return table == null
                ? Rotation.NONE
                : Rotation.expand(resources.scratch(), worker, rows, table, sample, from, to);
    }
}
