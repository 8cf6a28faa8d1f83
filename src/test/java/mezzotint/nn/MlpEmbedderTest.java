package mezzotint.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import mezzotint.autograd.Tape;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.testing.ReferenceText;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;

class MlpEmbedderTest {
    @Test
    void agreesWithItsDefinition() {
        TestDevice device = new TestDevice();
        try (Tensors tensors = new Tensors(1 << 20);
                var activations = device.arena(1 << 20);
                Tape tape = Tape.inference(device.kernels(), activations)) {
            Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(3));
            MlpEmbedder embedder = new MlpEmbedder(parameters.scope("time_in"), 5, 7);
            assertEquals(
                    "[time_in.in_layer.weight(7, 5), time_in.in_layer.bias(7), time_in.out_layer.weight(7, 7),"
                            + " time_in.out_layer.bias(7)]",
                    parameters.all().toString());
            float[] x = Tensors.normals(1, 15);
            double[] hidden = ReferenceText.linear(
                    Tensors.doubles(x), values(parameters, "in_layer.weight"), values(parameters, "in_layer.bias"), 5);
            for (int i = 0; i < hidden.length; i++) {
                hidden[i] = hidden[i] / (1 + Math.exp(-hidden[i]));
            }
            double[] expected = ReferenceText.linear(
                    hidden, values(parameters, "out_layer.weight"), values(parameters, "out_layer.bias"), 7);
            // two products of five and seven float32 terms
            RelativeError.assertRelativeError(embedder.forward(tape, tape.constant(x, 3, 5)), expected, 1e-6);
        }
    }

    private static double[] values(Parameters parameters, String name) {
        return Tensors.doubles(parameters.get("time_in." + name).value());
    }
}
