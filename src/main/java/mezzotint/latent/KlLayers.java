package mezzotint.latent;

import java.util.ArrayList;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/** The layers of {@link AutoencoderKl}, under the names of diffusers. */
final class KlLayers {
    private static final int COLOURS = 3;

    private KlLayers() {}

    /** Pictures (B, height, width, 3) → moments (B, height/ratio, width/ratio, 2C). */
    static Layers encoder(AutoencoderKl.Config config, Parameters parameters) {
        Parameters scope = parameters.scope("encoder");
        List<Integer> channels = config.channels();
        int groups = config.normGroups();
        List<Layer> layers = new ArrayList<>();
        layers.add(ConvolutionLayer.same(scope.scope("conv_in"), COLOURS, channels.getFirst(), 3));
        int in = channels.getFirst();
        for (int i = 0; i < channels.size(); i++) {
            Parameters block = scope.scope("down_blocks." + i);
            int out = channels.get(i);
            for (int j = 0; j < config.layers(); j++) {
                layers.add(new ResnetLayer(block.scope("resnets." + j), j == 0 ? in : out, out, groups));
            }
            if (i < channels.size() - 1) {
                layers.add(ConvolutionLayer.halving(block.scope("downsamplers.0.conv"), out, out, false));
            }
            in = out;
        }
        middle(layers, scope.scope("mid_block"), config);
        int moments = 2 * config.latentChannels();
        last(layers, scope, in, moments, groups);
        if (config.quantConvolution()) {
            layers.add(ConvolutionLayer.same(parameters.scope("quant_conv"), moments, moments, 1));
        }
        return new Layers(layers);
    }

    /** Latents (B, h, w, C) → pictures (B, h·ratio, w·ratio, 3). */
    static Layers decoder(AutoencoderKl.Config config, Parameters parameters) {
        Parameters scope = parameters.scope("decoder");
        List<Integer> channels = config.channels().reversed();
        int groups = config.normGroups();
        int latent = config.latentChannels();
        List<Layer> layers = new ArrayList<>();
        if (config.postQuantConvolution()) {
            layers.add(ConvolutionLayer.same(parameters.scope("post_quant_conv"), latent, latent, 1));
        }
        layers.add(ConvolutionLayer.same(scope.scope("conv_in"), latent, channels.getFirst(), 3));
        middle(layers, scope.scope("mid_block"), config);
        int in = channels.getFirst();
        for (int i = 0; i < channels.size(); i++) {
            Parameters block = scope.scope("up_blocks." + i);
            int out = channels.get(i);
            for (int j = 0; j <= config.layers(); j++) {
                layers.add(new ResnetLayer(block.scope("resnets." + j), j == 0 ? in : out, out, groups));
            }
            if (i < channels.size() - 1) {
                layers.add(new Doubling(ConvolutionLayer.same(block.scope("upsamplers.0.conv"), out, out, 3)));
            }
            in = out;
        }
        last(layers, scope, in, COLOURS, groups);
        return new Layers(layers);
    }

    private static void middle(List<Layer> layers, Parameters scope, AutoencoderKl.Config config) {
        int channels = config.channels().getLast();
        int groups = config.normGroups();
        layers.add(new ResnetLayer(scope.scope("resnets.0"), channels, channels, groups));
        if (config.attention()) {
            layers.add(new SpatialAttentionLayer(scope.scope("attentions.0"), channels, groups));
        }
        layers.add(new ResnetLayer(scope.scope("resnets.1"), channels, channels, groups));
    }

    private static void last(List<Layer> layers, Parameters scope, int in, int out, int groups) {
        layers.add(new GroupNormLayer(scope.scope("conv_norm_out"), in, groups));
        layers.add(new ActivationLayer(Activation.SILU));
        layers.add(ConvolutionLayer.same(scope.scope("conv_out"), in, out, 3));
    }

    /** Each pixel becomes 2×2 of its kind, then the convolution. */
    private record Doubling(ConvolutionLayer convolution) implements Layer {
        @Override
        public Tensor forward(Tape tape, Tensor x) {
            return convolution.forward(tape, Rearrangement.nearestTwice(tape, x));
        }

        @Override
        public Extent out(Extent in) {
            return convolution.out(in.finer(2));
        }

        @Override
        public long peak(Extent in) {
            return Rearrangement.nearestTwiceBytes(in) + out(in).bytes();
        }
    }
}
