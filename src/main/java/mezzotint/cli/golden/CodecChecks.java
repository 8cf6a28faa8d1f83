package mezzotint.cli.golden;

import java.util.Map;
import mezzotint.autograd.Tape;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.latent.AutoencoderKl;
import mezzotint.latent.CodecFolder;
import mezzotint.latent.GaussianPosterior;
import mezzotint.latent.ImageCodec;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** Autoencoders. */
final class CodecChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of("vae_kl", CodecChecks::run, "vae_dc", CodecChecks::run);

    private static final double TOLERANCE = 1e-5;
    private static final long ARENA_BYTES = 64L << 20;

    private CodecChecks() {}

    /** Every recorded picture and latent, on tapes that record and on tapes that free what they can. */
    static void run(GoldenCase golden, Device device) {
        try (TensorArena weights = device.arena(ARENA_BYTES);
                TensorArena activations = device.arena(ARENA_BYTES);
                TensorArena gradients = device.arena(ARENA_BYTES);
                CodecFolder folder = CodecFolder.open(golden.folder().resolve("vae"))) {
            ImageCodec codec = folder.load(new Parameters(weights, new PhiloxRandom(0)));
            for (int i = 0; golden.has(i + ".in.image"); i++) {
                try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                    size(golden, tape, codec, i);
                }
                try (Tape tape = Tape.inference(device.kernels(), activations)) {
                    size(golden, tape, codec, i);
                }
            }
        }
    }

    private static void size(GoldenCase golden, Tape tape, ImageCodec codec, int index) {
        Tensor image = GoldenTensors.floats(tape, golden.tensor(index + ".in.image"));
        if (codec instanceof AutoencoderKl kl) {
            GaussianPosterior posterior = kl.posterior(tape, image);
            compare(golden, index + ".mean", posterior.mean());
            compare(golden, index + ".logvar", posterior.logVariance());
            compare(golden, index + ".std", posterior.standardDeviation(tape));
        } else {
            compare(golden, index + ".latent", codec.encode(tape, image));
        }
        Tensor latent = GoldenTensors.floats(tape, golden.tensor(index + ".in.latent_to_decode"));
        compare(golden, index + ".decoded", codec.decode(tape, latent));
    }

    private static void compare(GoldenCase golden, String name, Tensor actual) {
        golden.compare(name, actual.toFloats(), golden.tolerance(name, TOLERANCE));
    }
}
