package mezzotint.cli.golden;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.image.Interpolation;
import mezzotint.image.PlanarImage;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.kernel.Device;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.vision.Inception;
import mezzotint.vision.InceptionCut;
import mezzotint.vision.Lpips;
import mezzotint.vision.VisionEncoder;
import mezzotint.vision.VisionEncoders;
import mezzotint.vision.VisionFeatures;

/** Vision encoders and perceptual networks, with the gradients of the pixels. */
final class VisionChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "vision_clip", VisionChecks::transformer,
            "vision_dinov2", VisionChecks::transformer,
            "vision_dinov2_reg", VisionChecks::transformer,
            "vision_dinov3", VisionChecks::transformer,
            "vision_inception_fid", VisionChecks::inception,
            "vision_lpips_vgg", VisionChecks::lpips);

    private static final long WEIGHT_BYTES = 16L << 20;
    private static final long ACTIVATION_BYTES = 512L << 20;
    private static final double FORWARD_TOLERANCE = 1e-5;
    private static final double GRADIENT_TOLERANCE = 1e-4;
    private static final int FID_SIDE = 299;
    private static final int STRIDE = 23; // of the recorded resized pictures: 13 samples of 299

    private VisionChecks() {}

    private static void transformer(GoldenCase golden, Device device) {
        try (TensorArena weights = device.arena(WEIGHT_BYTES);
                TensorArena activations = device.arena(ACTIVATION_BYTES);
                TensorArena gradients = device.arena(ACTIVATION_BYTES)) {
            VisionEncoder encoder = VisionEncoders.open(golden.folder().resolve("encoder"), weights);
            for (int run = 0; golden.has(run + ".in.pixel_values"); run++) {
                try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                    recorded(golden, tape, encoder, run + ".");
                }
                try (Tape tape = Tape.inference(device.kernels(), activations)) {
                    Tensor pixels = GoldenTensors.floats(tape, golden.tensor(run + ".in.pixel_values"));
                    compareOutputs(golden, run + ".", encoder.features(tape, pixels));
                }
            }
        }
    }

    private static void recorded(GoldenCase golden, Tape tape, VisionEncoder encoder, String run) {
        Tensor pixels = tape.watch(GoldenTensors.floats(tape, golden.tensor(run + "in.pixel_values")));
        VisionFeatures features = encoder.features(tape, pixels);
        compareOutputs(golden, run, features);
        String pooled = pooledName(golden, run);
        Tensor ofTokens = tape.weightedSum(
                features.tokens(), GoldenTensors.floats(tape, golden.tensor(run + "in.grad.last_hidden_state")));
        Tensor ofPooled = tape.weightedSum(
                features.pooled(), GoldenTensors.floats(tape, golden.tensor(run + "in.grad." + pooled)));
        tape.backward(tape.add(ofTokens, ofPooled));
        compareGradient(golden, run + "grad.pixel_values", tape.gradient(pixels));
    }

    private static void compareOutputs(GoldenCase golden, String run, VisionFeatures features) {
        compare(golden, run + "last_hidden_state", features.tokens());
        compare(golden, run + pooledName(golden, run), features.pooled());
    }

    private static String pooledName(GoldenCase golden, String run) {
        return golden.has(run + "image_embeds") ? "image_embeds" : "pooler_output";
    }

    private static void inception(GoldenCase golden, Device device) {
        try (TensorArena weights = device.arena(WEIGHT_BYTES);
                TensorArena activations = device.arena(ACTIVATION_BYTES);
                SafeTensors file = SafeTensors.open(golden.folder().resolve("weights.safetensors"))) {
            Inception network = new Inception(
                    new StoredTensors(file), InceptionCut.MIXED_7C, ImageNormalization.FID, Parameters.frozen(weights));
            for (int index = 0; golden.has(index + ".in.uint8"); index++) {
                String run = index + ".";
                for (String rule : new String[] {"antialias", "tf1"}) {
                    try (Tape tape = Tape.inference(device.kernels(), activations)) {
                        inception(golden, tape, network, run, rule);
                    }
                }
            }
        }
    }

    private static void inception(GoldenCase golden, Tape tape, Inception network, String run, String rule) {
        boolean antialias = rule.equals("antialias");
        SafeTensor stored = golden.tensor(run + "in.uint8");
        int samples = stored.shape().size(0);
        PlanarImage resized = new PlanarImage(
                        samples * 3, stored.shape().size(2), stored.shape().size(3), stored.toFloats())
                .resized(
                        FID_SIDE,
                        FID_SIDE,
                        antialias ? Interpolation.BILINEAR_ANTIALIASED : Interpolation.BILINEAR_TENSORFLOW1);
        golden.compare(run + "resized_" + rule + "_strided", strided(resized), FORWARD_TOLERANCE);
        float[] normalized = resized.values().clone();
        for (int i = 0; i < normalized.length; i++) {
            normalized[i] = (normalized[i] - 128) / 128;
        }
        Tensor pixels = tape.constant(normalized, samples, 3, FID_SIDE, FID_SIDE);
        Map<String, float[]> means = new HashMap<>();
        VisionFeatures features = network.features(
                tape, pixels, (block, y) -> means.put(block.toLowerCase(Locale.ROOT) + "_mean", mean(y)));
        compare(golden, run + "features_" + rule, features.pooled());
        if (antialias) {
            for (String name : new String[] {"pool1_mean", "pool2_mean", "mixed_6e_mean"}) {
                golden.compare(run + name, means.get(name), FORWARD_TOLERANCE);
            }
        }
    }

    private static float[] strided(PlanarImage image) {
        int count = (FID_SIDE - 1) / STRIDE + 1;
        float[] values = new float[image.planes() * count * count];
        for (int i = 0; i < values.length; i++) {
            int plane = i / (count * count);
            int row = i / count % count * STRIDE;
            values[i] = image.values()[(plane * FID_SIDE + row) * FID_SIDE + i % count * STRIDE];
        }
        return values;
    }

    /** (B, h, w, C) → (B, C). */
    private static float[] mean(Tensor y) {
        int samples = y.shape().size(0);
        int width = y.shape().size(3);
        float[] values = y.toFloats();
        int pixels = values.length / (samples * width);
        double[] sums = new double[samples * width];
        for (int i = 0; i < values.length; i++) {
            sums[i / (pixels * width) * width + i % width] += values[i];
        }
        float[] means = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) (sums[i] / pixels);
        }
        return means;
    }

    private static void lpips(GoldenCase golden, Device device) {
        try (TensorArena weights = device.arena(WEIGHT_BYTES);
                TensorArena activations = device.arena(ACTIVATION_BYTES);
                TensorArena gradients = device.arena(ACTIVATION_BYTES)) {
            Lpips lpips = VisionEncoders.openLpips(golden.folder().resolve("weights.safetensors"), weights);
            for (int run = 0; golden.has(run + ".in.a"); run++) {
                try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                    Tensor a = tape.watch(GoldenTensors.floats(tape, golden.tensor(run + ".in.a")));
                    Tensor b = GoldenTensors.floats(tape, golden.tensor(run + ".in.b"));
                    Tensor distance = lpips.distance(tape, a, b);
                    compare(golden, run + ".out", distance);
                    Tensor gradient = GoldenTensors.floats(tape, golden.tensor(run + ".in.grad_out"));
                    tape.backward(distance, gradient.view(distance.shape().dims()));
                    compareGradient(golden, run + ".grad.a", tape.gradient(a));
                }
            }
        }
    }

    private static void compare(GoldenCase golden, String name, Tensor actual) {
        golden.compare(name, actual.toFloats(), golden.tolerance(name, FORWARD_TOLERANCE));
    }

    private static void compareGradient(GoldenCase golden, String name, Tensor actual) {
        golden.compare(name, actual.toFloats(), golden.tolerance(name, GRADIENT_TOLERANCE));
    }
}
