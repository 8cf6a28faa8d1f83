package mezzotint.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import mezzotint.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** A tape gives back what was allocated through it. */
class TapeMemoryTest {
    @Test
    void closingFreesEverything() {
        try (TapeBench bench = new TapeBench((t, in, p) -> t.silu(in[0]))) {
            bench.activations.allocate(5);
            bench.gradients.allocate(7);
            long activations = bench.activations.used();
            long gradients = bench.gradients.used();
            try (Tape tape = Tape.recording(bench.device.kernels(), bench.activations, bench.gradients)) {
                Tensor x = tape.watch(tape.constant(new float[] {1}, 1));
                tape.backward(tape.checkpoint(inner -> inner.silu(inner.silu(x))));
            }
            assertEquals(activations, bench.activations.used());
            assertEquals(gradients, bench.gradients.used());
            try (Tape tape = Tape.inference(bench.device.kernels(), bench.activations)) {
                tape.checkpoint(inner -> inner.silu(inner.constant(new float[100], 100)));
            }
            assertEquals(activations, bench.activations.used());
        }
    }
}
