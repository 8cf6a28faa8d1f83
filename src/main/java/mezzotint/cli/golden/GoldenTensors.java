package mezzotint.cli.golden;

import mezzotint.autograd.Tape;
import mezzotint.io.SafeTensor;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** Recorded tensors as tensors of a device. */
final class GoldenTensors {
    private GoldenTensors() {}

    /** A float32 tensor, widened where the recorded one is narrower. */
    static Tensor floats(Tape tape, SafeTensor stored) {
        return tape.constant(stored.toFloats(), stored.shape().dims());
    }

    /** A mask. */
    static Tensor mask(Tape tape, SafeTensor stored) {
        return tape.allocate(stored.shape(), DType.BOOL).set(stored.toBooleans());
    }

    /** Row {@code index} along the first axis of a float32 tensor. */
    static Tensor row(Tape tape, SafeTensor stored, int index) {
        long[] dims = java.util.Arrays.copyOfRange(
                stored.shape().dims(), 1, stored.shape().rank());
        int size = Math.toIntExact(Shape.of(dims).elements());
        float[] all = stored.toFloats();
        return tape.constant(java.util.Arrays.copyOfRange(all, index * size, (index + 1) * size), dims);
    }

    /** Row {@code index} along the first axis of a mask. */
    static Tensor maskRow(Tape tape, SafeTensor stored, int index) {
        long[] dims = java.util.Arrays.copyOfRange(
                stored.shape().dims(), 1, stored.shape().rank());
        int size = Math.toIntExact(Shape.of(dims).elements());
        boolean[] all = stored.toBooleans();
        return tape.allocate(Shape.of(dims), DType.BOOL)
                .set(java.util.Arrays.copyOfRange(all, index * size, (index + 1) * size));
    }
}
