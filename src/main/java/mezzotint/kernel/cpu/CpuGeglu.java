package mezzotint.kernel.cpu;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.Geglu} on the CPU. */
final class CpuGeglu implements Kernels.Geglu {
    /** The loops over one piece; a gradient at address 0 is not wanted, and {@code first} overwrites instead of adding. */
    interface Loops {
        void forward(long y, long gate, long up, int n);

        void backward(long gradGate, long gradUp, long gradY, long gate, long up, int n, boolean first);
    }

    private final CpuThreads threads;
    private final Loops loops;

    CpuGeglu(CpuResources resources) {
        threads = resources.threads();
        loops = resources.vectors() == VectorWidth.PLAIN ? new PlainGeglu() : new VectorGeglu();
    }

    @Override
    public void forward(Tensor y, Tensor gate, Tensor up) {
        long yAt = y.address();
        long gateAt = gate.address();
        long upAt = up.address();
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            long skip = 4 * from;
            if (CpuMemory.CHECKED) {
                Pieces.check(count, yAt + skip, gateAt + skip, upAt + skip);
            }
            loops.forward(yAt + skip, gateAt + skip, upAt + skip, count);
        });
    }

    @Override
    public void backward(Tensor gradGate, Tensor gradUp, Tensor gradY, Tensor gate, Tensor up) {
        backward(gradGate, gradUp, gradY, gate, up, false);
    }

    @Override
    public void firstBackward(Tensor gradGate, Tensor gradUp, Tensor gradY, Tensor gate, Tensor up) {
        backward(gradGate, gradUp, gradY, gate, up, true);
    }

    private void backward(Tensor gradGate, Tensor gradUp, Tensor gradY, Tensor gate, Tensor up, boolean first) {
        long gradGateAt = Pieces.address(gradGate);
        long gradUpAt = Pieces.address(gradUp);
        long gradYAt = gradY.address();
        long gateAt = gate.address();
        long upAt = up.address();
        Pieces.forEach(threads, gradY.shape().elements(), (from, count) -> {
            long skip = 4 * from;
            long intoGate = Pieces.at(gradGateAt, from);
            long intoUp = Pieces.at(gradUpAt, from);
            if (CpuMemory.CHECKED) {
                Pieces.check(count, intoGate, intoUp, gradYAt + skip, gateAt + skip, upAt + skip);
            }
            loops.backward(intoGate, intoUp, gradYAt + skip, gateAt + skip, upAt + skip, count, first);
        });
    }
}
