package mezzotint.cli.golden;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import mezzotint.flow.TorchRandom;
import mezzotint.io.MalformedJsonException;
import mezzotint.io.SafeTensor;
import mezzotint.kernel.Device;

/** {@code random_cpu}: PyTorch's CPU generator, every recorded tensor drawn again from a fresh generator of its seed. */
final class RandomCheck {
    private static final double EXACT = 0;

    private RandomCheck() {}

    static void run(GoldenCase golden, Device device) {
        double normals = golden.json()
                .path("tolerance")
                .path("normals")
                .path("suggested_max_abs_diff")
                .doubleValue();
        for (var recorded : golden.json().path("tensors").properties()) {
            String name = recorded.getKey();
            String[] parts = name.split("\\.");
            SafeTensor expected = golden.tensor(name);
            int count = Math.toIntExact(expected.shape().elements());
            TorchRandom random = new TorchRandom(Long.parseLong(parts[1]));
            double tolerance = parts[0].startsWith("rand") ? EXACT : normals;
            if (!parts[0].equals("sequence")) {
                golden.compareLargest(name, drawn(golden, parts[0], random, count), widened(expected), tolerance);
                continue;
            }
            double[] sequence = sequence(random);
            golden.compareLargest(name, sequence, widened(expected), tolerance);
            golden.compareLargest( // the uniforms in its midst are exact
                    name + ".uniforms",
                    Arrays.copyOfRange(sequence, 28, 35),
                    Arrays.copyOfRange(widened(expected), 28, 35),
                    EXACT);
        }
    }

    private static double[] drawn(GoldenCase golden, String kind, TorchRandom random, int count) {
        return switch (kind) {
            case "f32" -> widened(random.normals(count));
            case "bf16" -> widened(random.bfloat16Normals(count));
            case "f64" -> random.doubleNormals(count);
            case "rand" -> widened(random.uniforms(count));
            case "randint_0_1000" ->
                LongStream.of(random.integers(count, 0, 1000)).asDoubleStream().toArray();
            case "randperm" -> IntStream.of(random.permutation(count)).asDoubleStream().toArray();
            default ->
                throw new MalformedJsonException(
                        golden.folder().resolve("case.json"), "expected a known kind of random numbers, got " + kind);
        };
    }

    /** Five, twenty and three normals, seven uniforms and sixteen normals from one generator. */
    private static double[] sequence(TorchRandom random) {
        DoubleStream drawn = DoubleStream.empty();
        for (int count : new int[] {5, 20, 3}) {
            drawn = DoubleStream.concat(drawn, DoubleStream.of(widened(random.normals(count))));
        }
        drawn = DoubleStream.concat(drawn, DoubleStream.of(widened(random.uniforms(7))));
        return DoubleStream.concat(drawn, DoubleStream.of(widened(random.normals(16)))).toArray();
    }

    private static double[] widened(SafeTensor stored) {
        return switch (stored.type()) {
            case I64 -> LongStream.of(stored.toLongs()).asDoubleStream().toArray();
            default -> stored.toDoubles();
        };
    }

    private static double[] widened(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }
}
