package mezzotint.vision;

import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** The small movements of tokens that all vision transformers share. */
final class VitTokens {
    private VitTokens() {}

    /** (B, 3, H, W) → (B, rows · columns, D): a convolution whose windows are the patches. */
    static Tensor embed(Tape tape, Tensor pixels, VitLinear patches, int patch) {
        return patches.apply(tape, tape.patchify(pixels, patch));
    }

    /** Adds {@code table} (N, D), a constant, to every sample of x (B, N, D). */
    static Tensor addPositions(Tape tape, Tensor x, float[] table) {
        long samples = x.shape().dim(0);
        Tensor flat = x.view(samples, table.length);
        Parameter shift = Parameter.frozen("positions", tape.constant(table, table.length));
        return tape.encoders().scaleShift(flat, null, shift).view(x.shape().dims());
    }

    /** Puts {@code leading} (K, D), constants, before the tokens of every sample: x (B, N, D) → (B, K + N, D). */
    static Tensor prepend(Tape tape, float[] leading, Tensor x) {
        int samples = x.shape().size(0);
        long width = x.shape().dim(2);
        float[] repeated = new float[samples * leading.length];
        for (int b = 0; b < samples; b++) {
            System.arraycopy(leading, 0, repeated, b * leading.length, leading.length);
        }
        return tape.concatenate(tape.constant(repeated, samples, leading.length / width, width), x);
    }

    /** Runs the blocks; without recording each one's activations are forgotten at once. */
    static Tensor run(Tape tape, Tensor x, Iterable<VitBlock> blocks, java.util.Optional<Tensor> rope) {
        Tensor y = x;
        for (VitBlock block : blocks) {
            Tensor in = y;
            y = tape.isRecording() ? block.apply(tape, in, rope) : tape.checkpoint(t -> block.apply(t, in, rope));
        }
        return y;
    }

    /** The first token of every sample: (B, N, D) → (B, D). */
    static Tensor first(Tape tape, Tensor x) {
        int samples = x.shape().size(0);
        Tensor zeros = tape.allocate(mezzotint.tensor.Shape.of(samples, 1), mezzotint.tensor.DType.I32)
                .set(new int[samples]);
        return tape.gather(x, zeros).view(samples, x.shape().dim(2));
    }
}
