package mezzotint.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Blocks that forget their inner activations and compute them again. */
class TapeCheckpointTest {
    private static final int WIDTH = 8;
    private static final int ROWS = 6;

    private final TestDevice device = new TestDevice();
    private final Tensors weights = new Tensors(8 << 20);
    private final TensorArena activations = device.arena(8 << 20);
    private final TensorArena gradients = device.arena(8 << 20);

    @AfterEach
    void free() {
        weights.close();
        activations.close();
        gradients.close();
    }

    /** Runs a block at once, or keeps it to run it again. */
    private enum Mode {
        KEEP,
        CHECKPOINT;

        Tensor run(Tape tape, Function<Tape, Tensor> block) {
            return this == KEEP ? block.apply(tape) : tape.checkpoint(block);
        }
    }

    /** A network of blocks over watched inputs x, text and vec. */
    private interface Network {
        Tensor of(Tape tape, Mode mode, Tensor x, Tensor text, Tensor vec);
    }

    private record Result(List<float[]> values) {}

    private Parameter weight(int seed) {
        return Parameter.trainable(
                "w" + seed, weights.normal(seed, WIDTH, WIDTH), weights.of(new float[WIDTH * WIDTH], WIDTH, WIDTH));
    }

    private Result run(Mode mode, List<Parameter> parameters, Network network) {
        parameters.forEach(p -> p.gradient().orElseThrow().zero());
        List<float[]> values = new ArrayList<>();
        try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            Tensor[] in = new Tensor[3];
            for (int i = 0; i < in.length; i++) {
                in[i] = tape.watch(tape.constant(Tensors.normals(70 + i, ROWS * WIDTH), ROWS, WIDTH));
            }
            Tensor out = network.of(tape, mode, in[0], in[1], in[2]);
            values.add(out.toFloats());
            tape.backward(out, tape.constant(Tensors.normals(80, ROWS * WIDTH), ROWS, WIDTH));
            for (Tensor x : in) {
                values.add(tape.gradient(x).toFloats());
            }
        }
        parameters.forEach(p -> values.add(p.gradient().orElseThrow().toFloats()));
        return new Result(values);
    }

    private void assertSameBits(List<Parameter> parameters, Network network) {
        Result kept = run(Mode.KEEP, parameters, network);
        Result again = run(Mode.CHECKPOINT, parameters, network);
        for (int i = 0; i < kept.values.size(); i++) {
            assertArrayEquals(kept.values.get(i), again.values.get(i), "output, x, text, vec, parameters: number " + i);
        }
    }

    @Test
    void givesTheSameBits() {
        Parameter a = weight(1);
        Parameter b = weight(2);
        assertSameBits(
                List.of(a, b),
                (tape, mode, x, text, vec) -> mode.run(tape, t -> t.linear(t.geglu(t.linear(x, a), text), b)));
    }

    @Test
    void aTensorThatThreeBlocksUseGetsTheSumOfItsGradients() {
        List<Parameter> parameters = List.of(weight(1), weight(2), weight(3));
        // Sums of three in another order differ in the last bit: so the order is the same, last block first.
        assertSameBits(parameters, (tape, mode, x, text, vec) -> {
            Tensor y = x;
            for (Parameter parameter : parameters) {
                Tensor before = y;
                y = mode.run(tape, t -> t.add(before, t.geglu(t.linear(text, parameter), t.silu(vec))));
            }
            return y;
        });
    }

    @Test
    void whatIsUsedInsideAndOutsideGetsBothGradients() {
        Parameter shared = weight(1);
        assertSameBits(List.of(shared), (tape, mode, x, text, vec) -> {
            Tensor outside = tape.linear(tape.add(text, vec), shared);
            Tensor inside = mode.run(tape, t -> t.linear(t.geglu(text, t.add(outside, vec)), shared));
            return tape.add(tape.add(inside, outside), tape.linear(x, shared));
        });
    }

    @Test
    void blocksMayBeNested() {
        Parameter a = weight(1);
        Parameter b = weight(2);
        assertSameBits(
                List.of(a, b),
                (tape, mode, x, text, vec) -> mode.run(tape, t -> {
                    Tensor first = t.linear(x, a);
                    Tensor inner = mode.run(t, u -> {
                        Tensor second = u.geglu(first, text);
                        return mode.run(u, v -> v.add(v.linear(second, b), v.silu(vec)));
                    });
                    return t.add(inner, t.silu(first));
                }));
    }

    @Test
    void aBlockMayReturnATensorMadeOutside() {
        Parameter a = weight(1);
        assertSameBits(List.of(a), (tape, mode, x, text, vec) -> {
            Tensor earlier = mode.run(tape, t -> t.linear(t.silu(x), a));
            Tensor same = mode.run(tape, t -> text);
            return tape.add(tape.geglu(same, vec), earlier);
        });
    }

    @Test
    void aBlockMayReturnAView() {
        Parameter a = weight(1);
        assertSameBits(List.of(a), (tape, mode, x, text, vec) -> {
            Tensor flat = mode.run(tape, t -> t.linear(t.silu(x), a).view(WIDTH, ROWS));
            return tape.add(flat.view(ROWS, WIDTH), tape.geglu(text, vec));
        });
    }

    @Test
    void aBlockThatNobodyUsesDoesNothing() {
        Parameter a = weight(1);
        assertSameBits(List.of(a), (tape, mode, x, text, vec) -> {
            mode.run(tape, t -> t.linear(x, a));
            return tape.geglu(text, tape.add(vec, x));
        });
    }

    @Test
    void aBlockWithoutInputsStillTrainsItsParameters() {
        Parameter a = weight(1);
        float[] constant = Tensors.normals(5, ROWS * WIDTH);
        assertSameBits(List.of(a), (tape, mode, x, text, vec) -> {
            Tensor y = mode.run(tape, t -> t.linear(t.constant(constant, ROWS, WIDTH), a));
            return tape.geglu(tape.add(x, y), tape.add(text, vec));
        });
    }

    /** Ten squares of activations a block: kept, forty blocks need forty times that; computed again, one block's. */
    @Test
    void innerActivationsTakeNoRoom() {
        List<Parameter> parameters = List.of(weight(1));
        Network deep = (tape, mode, x, text, vec) -> {
            Tensor y = x;
            for (int i = 0; i < 40; i++) {
                Tensor before = y;
                y = mode.run(tape, t -> {
                    Tensor z = before;
                    for (int j = 0; j < 10; j++) {
                        z = t.silu(t.add(z, text));
                    }
                    return t.add(z, t.linear(vec, parameters.getFirst()));
                });
            }
            return y;
        };
        long one = ROWS * WIDTH * Float.BYTES;
        run(Mode.CHECKPOINT, parameters, deep);
        // An output a block, the inputs, the loss's gradient and its weights.
        assertTrue(activations.peak() <= 46 * one, () -> activations.peak() / one + " tensors");
        // A slot for each output and input, and one block's 22 tensors with their slots.
        assertTrue(gradients.peak() <= 46 * one + 2 * 23 * one, () -> gradients.peak() / one + " tensors");
        run(Mode.KEEP, parameters, deep);
        assertTrue(activations.peak() >= 40 * 22 * one, () -> activations.peak() / one + " tensors");
    }

    @Test
    void inferenceForgetsInnerActivations() {
        long one = ROWS * WIDTH * Float.BYTES;
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            Tensor x = tape.constant(Tensors.normals(1, ROWS * WIDTH), ROWS, WIDTH);
            float[] expected = tape.silu(tape.silu(tape.silu(x))).toFloats();
            long before = activations.used();
            Tensor y = tape.checkpoint(t -> t.silu(t.silu(t.silu(x))));
            assertEquals(before + one, activations.used());
            assertArrayEquals(expected, y.toFloats());
            Tensor same = tape.checkpoint(t -> x);
            assertArrayEquals(x.toFloats(), same.toFloats());
            Tensor row = tape.checkpoint(t -> t.silu(t.silu(t.silu(x))).rows(1, 2));
            assertArrayEquals(Arrays.copyOfRange(expected, WIDTH, 2 * WIDTH), row.toFloats());
        }
        assertEquals(0, activations.used());
    }
}
