package mezzotint.prx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig.RopeAxes;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;

/** Two small models with sines for weights, whose outputs upstream computed and six digits of which were written down. */
class TinyModelsTest {
    /** Of a block, in the order of upstream's own names: attn_out first, then down_proj, gate_proj and so on. */
    private static final List<String> BLOCK = List.of(
            "attention.to_out.0.weight",
            "down_proj.weight",
            "gate_proj.weight",
            "attention.img_qkv_proj.weight",
            "attention.norm_added_k.weight",
            "modulation.lin.bias",
            "modulation.lin.weight",
            "attention.norm_k.weight",
            "attention.norm_q.weight",
            "attention.txt_kv_proj.weight",
            "up_proj.weight");

    private static float[] sine(int count, double amplitude, double step, double phase, double offset) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (offset + amplitude * Math.sin(step * i + phase));
        }
        return values;
    }

    private static void fill(Parameters parameters, List<String> order) {
        assertEquals(
                parameters.all().stream().map(Parameter::name).sorted().toList(),
                order.stream().sorted().toList());
        for (int r = 0; r < order.size(); r++) {
            Tensor value = parameters.get(order.get(r)).value();
            int count = Math.toIntExact(value.shape().elements());
            boolean norm = order.get(r).contains("norm_");
            value.set(sine(count, norm ? 0.1 : 0.2, 0.7, 0.3 * r, norm ? 1 : 0));
        }
    }

    /** Output for the sines of the record. */
    private static float[] output(
            PrxConfig config, List<String> order, int batch, float[] times, Optional<boolean[]> mask) {
        try (Tensors weights = new Tensors(4 << 20);
                var activations = new TestDevice().arena(4 << 20);
                Tape tape = Tape.inference(Devices.one().kernels(), activations)) {
            Parameters parameters = new Parameters(weights.arena(), new PhiloxRandom(0));
            PrxDenoiser denoiser = new PrxDenoiser(config, parameters);
            fill(
                    parameters,
                    order.isEmpty()
                            ? parameters.all().stream()
                                    .map(Parameter::name)
                                    .sorted()
                                    .toList()
                            : order);
            int c = config.inChannels();
            Tensor image = tape.constant(sine(batch * c * 24, 1, 1.3, 0.1, 0), batch, c, 4, 6);
            Tensor embeddings = tape.constant(sine(batch * 30, 1, 0.9, 0.2, 0), batch, 5, 6);
            PrxText text = mask.isEmpty()
                    ? denoiser.text(tape, embeddings)
                    : denoiser.text(
                            tape,
                            embeddings,
                            tape.allocate(Shape.of(batch, 5), DType.BOOL).set(mask.get()));
            return denoiser.forward(tape, image, tape.constant(times, batch), text)
                    .toFloats();
        }
    }

    private static float[] nativeModel(Optional<boolean[]> mask) {
        List<String> order = new ArrayList<>();
        for (int block = 0; block < 2; block++) {
            for (String name : BLOCK) {
                order.add("blocks." + block + "." + name);
            }
        }
        order.addAll(List.of(
                "final_layer.adaLN_modulation.1.bias",
                "final_layer.adaLN_modulation.1.weight",
                "final_layer.linear.bias",
                "final_layer.linear.weight",
                "img_in.bias",
                "img_in.weight",
                "time_in.in_layer.bias",
                "time_in.in_layer.weight",
                "time_in.out_layer.bias",
                "time_in.out_layer.weight",
                "txt_in.bias",
                "txt_in.weight"));
        PrxConfig config = new PrxConfig(
                2, 2, 6, 16, 3.5, 2, 2, new RopeAxes(4, 4), 10_000, 1000, 10_000, OptionalInt.empty(), false);
        return output(config, order, 2, new float[] {0.25f, 0.9f}, mask);
    }

    private static void assertNumbers(double[] expected, float[] all, int from) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], all[from + i], 5e-6, "number " + (from + i)); // six decimals were written down
        }
    }

    private static double sum(float[] values, boolean absolute) {
        double sum = 0;
        for (float value : values) {
            sum += absolute ? Math.abs(value) : value;
        }
        return sum;
    }

    @Test
    void nativeModelGivesTheRecordedNumbers() {
        float[] out =
                nativeModel(Optional.of(new boolean[] {true, true, true, false, false, false, true, true, true, true}));
        assertNumbers(
                new double[] {
                    2.225780, 1.431492, 2.724859, 0.965079, 2.638613, 0.758143, -1.420083, -1.843015, -2.108530,
                    -1.656118, -2.106302, -1.448277, 2.724261, 0.812567, 2.586384, 0.977211, 2.630502, 1.235014,
                    -2.169854, -1.528504, -1.965130, -1.610028, -1.904577, -1.843246
                },
                out,
                0);
        assertNumbers(new double[] {1.147038, 2.050982, 1.283857, 2.200693, 1.627385, 1.905330, -0.529309}, out, 72);
        assertEquals(1.784240, sum(out, false), 1e-4); // 96 numbers of up to 2.7 in float32
        assertEquals(166.456047, sum(out, true), 1e-4);
    }

    @Test
    void nativeModelGivesTheRecordedNumbersWithoutMaskAndWithoutText() {
        float[] unmasked = nativeModel(Optional.empty());
        assertNumbers(new double[] {2.228937, 1.442889, 2.727599, 0.971205, 2.645469, 0.769108}, unmasked, 0);
        assertEquals(1.869226, sum(unmasked, false), 1e-4);
        assertNumbers(
                new double[] {2.376694, 0.991295, 2.658069, 0.759399, 2.501128, 0.510178},
                nativeModel(Optional.of(new boolean[10])),
                0);
    }

    @Test
    void pixelModelGivesTheRecordedNumbers() {
        PrxConfig config = new PrxConfig(
                3, 2, 6, 16, 3.5, 2, 2, new RopeAxes(4, 4), 10_000, 1000, 10_000, OptionalInt.of(5), true);
        float[] out = output(
                config, List.of(), 1, new float[] {0.25f}, Optional.of(new boolean[] {true, true, true, false, false}));
        assertNumbers(
                new double[] {
                    1.662887, -0.341818, 1.702328, -0.437117, 1.690148, -0.432339, -1.577171, -0.133484, -1.655305,
                    -0.069908, -1.641184, -0.068954, 1.713402, -0.458998, 1.680516, -0.394577, 1.676782, -0.396286,
                    -1.675262, -0.056130, -1.616221, -0.096580, -1.613181, -0.093634
                },
                out,
                0);
        assertEquals(-0.337220, sum(out, false), 1e-4);
        assertEquals(81.499920, sum(out, true), 1e-4);
    }

    /** Row 1, column 2 of a grid; axes of four columns have frequencies 1 and 1/100. */
    @Test
    void rotaryGridHasTheRecordedAngles() {
        try (var activations = new TestDevice().arena(4 << 20);
                Tape tape = Tape.inference(Devices.one().kernels(), activations)) {
            PrxConfig config = new PrxConfig(
                    3, 2, 6, 16, 3.5, 2, 0, new RopeAxes(4, 4), 10_000, 1000, 10_000, OptionalInt.empty(), false);
            Tensor table = RotaryGrid.table(tape, config, 2, 3);
            assertEquals(Shape.of(1, 6, 4, 2), table.shape());
            float[] all = table.toFloats();
            assertNumbers(new double[] {1, 0, 1, 0, 1, 0, 1, 0}, all, 0);
            assertNumbers(
                    new double[] {0.540302, 0.841471, 0.999950, 0.010000, -0.416147, 0.909297, 0.999800, 0.019999},
                    all,
                    5 * 8);
            // columns run fastest: token 1 is row 0, column 1
            assertNumbers(new double[] {1, 0, 1, 0, 0.540302, 0.841471, 0.999950, 0.010000}, all, 8);
            Tensor one = tape.rope(
                    tape.constant(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 1, 8),
                    tape.constant(Arrays.copyOfRange(all, 40, 48), 1, 1, 4, 2));
            assertNumbers(
                    new double[] {-1.142640, 1.922076, 2.959851, 4.029799, -7.536519, 2.049606, 6.838611, 8.138391},
                    one.toFloats(),
                    0);
        }
    }

    @Test
    void sinusoidGivesTheRecordedNumbers() {
        try (var activations = new TestDevice().arena(4 << 20);
                Tape tape = Tape.inference(Devices.one().kernels(), activations)) {
            float[] time = tape.sinusoid(tape.constant(new float[] {0.3f}, 1), 8, 1000, 10_000)
                    .toFloats();
            // cos and sin of 300 in float32: an angle's last bit is 3e-5
            assertEquals(-0.022097, time[0], 5e-5);
            assertNumbers(new double[] {0.154250}, Arrays.copyOfRange(time, 1, 2), 0);
            float[] side = tape.sinusoid(tape.constant(new float[] {1024}, 1), 8, 1, 10_000)
                    .toFloats();
            assertEquals(0.987354, side[0], 5e-6);
            assertEquals(-0.158533, side[4], 5e-6);
        }
    }
}
