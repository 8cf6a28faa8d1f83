package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** {@link Kernels.Pointwise} on the CPU. */
final class CpuPointwise implements Kernels.Pointwise {
    private static final int SCRATCH = 0;

    /** The loops over one piece. */
    interface Loops {
        void silu(long y, long x, int n);

        void siluBackward(long gradX, long gradY, long x, int n);

        void gelu(long y, long x, int n);

        void geluBackward(long gradX, long gradY, long x, int n);

        void add(long y, long a, long b, int n);

        void addScaled(long y, long x, float factor, int n);

        void scale(long y, long x, float factor, int n);

        void fill(long y, float value, int n);

        /** float32 to bfloat16. */
        void narrow(long y, long x, int n);

        /** bfloat16 to float32. */
        void widen(long y, long x, int n);

        /** y = x + gate ⊙ branch over rows of {@code d}, one gate for all. */
        void gatedResidual(long y, long x, long gate, long branch, int rows, int d);

        /** Of one row; any of the first three may be 0, and {@code gateSums} (D) is added to. */
        void gatedResidualBackward(
                long gradX, long gateSums, long gradBranch, long gradY, long gate, long branch, int d, boolean first);

        /** The loops of this width. */
        static Loops of(CpuResources resources) {
            return resources.vectors() == VectorWidth.PLAIN ? new PlainPointwise() : new VectorPointwise();
        }
    }

    private final CpuThreads threads;
    private final CpuScratch scratch;
    private final Loops loops;

    CpuPointwise(CpuResources resources) {
        threads = resources.threads();
        scratch = resources.scratch();
        loops = Loops.of(resources);
    }

    @Override
    public void silu(Tensor y, Tensor x) {
        binary(y, x, loops::silu);
    }

    @Override
    public void siluBackward(Tensor gradX, Tensor gradY, Tensor x) {
        if (gradX != null) {
            ternary(gradX, gradY, x, loops::siluBackward);
        }
    }

    @Override
    public void gelu(Tensor y, Tensor x) {
        binary(y, x, loops::gelu);
    }

    @Override
    public void geluBackward(Tensor gradX, Tensor gradY, Tensor x) {
        if (gradX != null) {
            ternary(gradX, gradY, x, loops::geluBackward);
        }
    }

    @Override
    public void add(Tensor y, Tensor a, Tensor b) {
        ternary(y, a, b, loops::add);
    }

    @Override
    public void addScaled(Tensor y, Tensor x, float factor) {
        binary(y, x, (yAt, xAt, n) -> loops.addScaled(yAt, xAt, factor, n));
    }

    @Override
    public void scale(Tensor y, Tensor x, float factor) {
        binary(y, x, (yAt, xAt, n) -> loops.scale(yAt, xAt, factor, n));
    }

    @Override
    public void fill(Tensor y, float value) {
        long yAt = y.address();
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            CpuMemory.check(yAt + 4 * from, 4L * count);
            loops.fill(yAt + 4 * from, value, count);
        });
    }

    @Override
    public void cast(Tensor y, Tensor x) {
        long yAt = y.address();
        long xAt = x.address();
        int yBytes = y.dtype().bytes();
        int xBytes = x.dtype().bytes();
        boolean same = y.dtype() == x.dtype();
        boolean narrows = y.dtype() == DType.BF16;
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            long to = yAt + yBytes * from;
            long source = xAt + xBytes * from;
            CpuMemory.check(to, (long) yBytes * count);
            CpuMemory.check(source, (long) xBytes * count);
            if (same) {
                MemorySegment.copy(CpuMemory.ALL, source, CpuMemory.ALL, to, (long) yBytes * count);
            } else if (narrows) {
                loops.narrow(to, source, count);
            } else {
                loops.widen(to, source, count);
            }
        });
    }

    @Override
    public void gatedResidual(Tensor y, Tensor x, Tensor gate, Tensor branch) {
        int rows = x.shape().size(1);
        int d = x.shape().size(2);
        long yAt = y.address();
        long xAt = x.address();
        long gateAt = gate.address();
        long branchAt = branch.address();
        Pieces.forEachSample(threads, x.shape().size(0), rows, d, (sample, from, count) -> {
            long skip = 4 * ((long) sample * rows + from) * d;
            long gateOfSample = gateAt + 4L * sample * d;
            if (CpuMemory.CHECKED) {
                Pieces.check((long) count * d, yAt + skip, xAt + skip, branchAt + skip);
                Pieces.check(d, gateOfSample);
            }
            loops.gatedResidual(yAt + skip, xAt + skip, gateOfSample, branchAt + skip, count, d);
        });
    }

    @Override
    public void gatedResidualBackward(
            Tensor gradX, Tensor gradGate, Tensor gradBranch, Tensor gradY, Tensor gate, Tensor branch) {
        gatedResidualBackward(gradX, gradGate, gradBranch, gradY, gate, branch, false);
    }

    @Override
    public void firstGatedResidualBackward(
            Tensor gradX, Tensor gradGate, Tensor gradBranch, Tensor gradY, Tensor gate, Tensor branch) {
        gatedResidualBackward(gradX, gradGate, gradBranch, gradY, gate, branch, true);
    }

    private void gatedResidualBackward(
            Tensor gradX, Tensor gradGate, Tensor gradBranch, Tensor gradY, Tensor gate, Tensor branch, boolean first) {
        int rows = gradY.shape().size(1);
        int d = gradY.shape().size(2);
        threads.forEach(gradY.shape().size(0), (worker, sample) -> {
            long skip = (long) sample * rows * d;
            long gateSums = gradGate == null ? 0 : scratch.worker(worker, SCRATCH, 4L * d);
            long intoX = Pieces.at(Pieces.address(gradX), skip);
            long intoBranch = Pieces.at(Pieces.address(gradBranch), skip);
            long gradYAt = gradY.address() + 4 * skip;
            long branchAt = branch.address() + 4 * skip;
            long gateAt = gate.address() + 4L * sample * d;
            if (CpuMemory.CHECKED) {
                Pieces.check((long) rows * d, intoX, intoBranch, gradYAt, branchAt);
                Pieces.check(d, gateAt, Pieces.at(Pieces.address(gradGate), (long) sample * d));
            }
            if (gateSums != 0) {
                loops.fill(gateSums, 0, d);
            }
            for (int row = 0; row < rows; row++) {
                long at = (long) row * d;
                loops.gatedResidualBackward(
                        Pieces.at(intoX, at),
                        gateSums,
                        Pieces.at(intoBranch, at),
                        gradYAt + 4 * at,
                        gateAt,
                        branchAt + 4 * at,
                        d,
                        first);
            }
            if (gateSums != 0) {
                long into = gradGate.address() + 4L * sample * d;
                loops.add(into, into, gateSums, d);
            }
        });
    }

    @Override
    public void sinusoid(Tensor y, Tensor x, float factor, float maxPeriod) {
        int width = y.shape().size(-1);
        int half = width / 2;
        long yAt = y.address();
        long xAt = x.address();
        threads.forEach(Math.toIntExact(x.shape().elements()), (worker, row) -> {
            long to = yAt + 4L * row * width;
            CpuMemory.check(to, 4L * width);
            CpuMemory.check(xAt + 4L * row, 4);
            float scaled = Floats.get(xAt, row) * factor;
            for (int i = 0; i < half; i++) {
                float frequency = (float) Math.exp((float) -Math.log(maxPeriod) * i / half);
                float angle = scaled * frequency;
                Floats.set(to, i, (float) Math.cos(angle));
                Floats.set(to, half + i, (float) Math.sin(angle));
            }
            if (width % 2 == 1) {
                Floats.set(to, width - 1, 0);
            }
        });
    }

    @FunctionalInterface
    private interface Binary {
        void run(long y, long x, int n);
    }

    @FunctionalInterface
    private interface Ternary {
        void run(long y, long a, long b, int n);
    }

    private void binary(Tensor y, Tensor x, Binary loop) {
        long yAt = y.address();
        long xAt = x.address();
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, yAt + 4 * from, xAt + 4 * from);
            }
            loop.run(yAt + 4 * from, xAt + 4 * from, count);
        });
    }

    private void ternary(Tensor y, Tensor a, Tensor b, Ternary loop) {
        long yAt = y.address();
        long aAt = a.address();
        long bAt = b.address();
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, yAt + 4 * from, aAt + 4 * from, bAt + 4 * from);
            }
            loop.run(yAt + 4 * from, aAt + 4 * from, bAt + 4 * from, count);
        });
    }
}
