package mezzotint.latent;

import java.util.List;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.tensor.TensorArena;

/** Small autoencoders with random weights, of every construction that the two classes know. */
enum TinyCodecs {
    KL {
        @Override
        ImageCodec make(Parameters parameters) {
            return new AutoencoderKl(kl(List.of(8, 12, 16), true, false), parameters);
        }
    },
    KL_WITH_QUANT_CONVOLUTIONS {
        @Override
        ImageCodec make(Parameters parameters) {
            return new AutoencoderKl(kl(List.of(8, 16), false, true), parameters);
        }
    },
    DC {
        @Override
        ImageCodec make(Parameters parameters) {
            return new AutoencoderDc(
                    dc(List.of(stage(8, 1), stage(16, 1), attention(16, 1)), false, false), parameters);
        }
    },
    DC_SHUFFLING {
        @Override
        ImageCodec make(Parameters parameters) {
            return new AutoencoderDc(dc(List.of(stage(8, 1), attention(8, 2)), true, true), parameters);
        }
    },
    DC_SKIPPING_THE_FINEST {
        @Override
        ImageCodec make(Parameters parameters) {
            return new AutoencoderDc(
                    dc(List.of(stage(8, 0), stage(8, 1), attention(32, 1)), false, false), parameters);
        }
    },
    DC_SKIPPING_AND_SHUFFLING {
        @Override
        ImageCodec make(Parameters parameters) {
            return new AutoencoderDc(dc(List.of(stage(8, 0), stage(16, 1), stage(16, 1)), true, true), parameters);
        }
    };

    /** Makes one among trainable parameters, initialised from the seed 5. */
    ImageCodec make(TensorArena weights) {
        return make(new Parameters(weights, new PhiloxRandom(5)));
    }

    abstract ImageCodec make(Parameters parameters);

    static AutoencoderKl.Config kl(List<Integer> channels, boolean attention, boolean quantConvolutions) {
        return new AutoencoderKl.Config(
                channels,
                1,
                3,
                4,
                32,
                new LatentScale(0.5f, 0.25f),
                attention,
                quantConvolutions,
                quantConvolutions);
    }

    private static AutoencoderDc.Stage stage(int channels, int layers) {
        return new AutoencoderDc.Stage(channels, layers, false, List.of(), Activation.SILU);
    }

    private static AutoencoderDc.Stage attention(int channels, int layers) {
        return new AutoencoderDc.Stage(channels, layers, true, List.of(3), Activation.SILU);
    }

    private static AutoencoderDc.Config dc(List<AutoencoderDc.Stage> stages, boolean unshuffles, boolean shuffles) {
        return new AutoencoderDc.Config(
                stages, stages, 4, 4, unshuffles, shuffles, true, true, Activation.RELU, 0.5f);
    }
}
