package mezzotint.latent;

import java.util.ArrayList;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.latent.AutoencoderDc.Config;
import mezzotint.latent.AutoencoderDc.Stage;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/** The layers of {@link AutoencoderDc}, under the names of diffusers. */
final class DcLayers {
    private static final int COLOURS = 3;

    private DcLayers() {}

    /** Pictures (B, height, width, 3) → latents (B, height/ratio, width/ratio, C). */
    static Layers encoder(Config config, Parameters scope) {
        List<Stage> stages = config.encoder();
        boolean skips = stages.getFirst().layers() == 0;
        List<Layer> layers = new ArrayList<>();
        layers.add(
                skips
                        ? new HalvingLayer(
                                scope.scope("conv_in"), COLOURS, stages.get(1).channels(), config.unshuffles(), false)
                        : ConvolutionLayer.same(
                                scope.scope("conv_in"), COLOURS, stages.getFirst().channels(), 3));
        for (int i = 0; i < stages.size(); i++) {
            Stage stage = stages.get(i);
            Parameters block = scope.scope("down_blocks." + i);
            for (int j = 0; j < stage.layers(); j++) {
                layers.addAll(layer(block.scope("" + j), stage, config.headWidth()));
            }
            if (i < stages.size() - 1 && stage.layers() > 0) {
                int out = stages.get(i + 1).channels();
                layers.add(new HalvingLayer(
                        block.scope("" + stage.layers()), stage.channels(), out, config.unshuffles(), true));
            }
        }
        int last = stages.getLast().channels();
        layers.add(new Widening(
                ConvolutionLayer.same(scope.scope("conv_out"), last, config.latentChannels(), 3),
                config.encoderShortcut()));
        return new Layers(layers);
    }

    /** Latents (B, h, w, C) → pictures (B, h·ratio, w·ratio, 3). */
    static Layers decoder(Config config, Parameters scope) {
        List<Stage> stages = config.decoder();
        boolean skips = stages.getFirst().layers() == 0;
        List<Layer> layers = new ArrayList<>();
        layers.add(new Widening(
                ConvolutionLayer.same(
                        scope.scope("conv_in"),
                        config.latentChannels(),
                        stages.getLast().channels(),
                        3),
                config.decoderShortcut()));
        for (int i = stages.size() - 1; i >= 0; i--) {
            Stage stage = stages.get(i);
            Parameters block = scope.scope("up_blocks." + i);
            int first = 0;
            if (i < stages.size() - 1 && stage.layers() > 0) {
                int in = stages.get(i + 1).channels();
                layers.add(new DoublingLayer(block.scope("0"), in, stage.channels(), config.shuffles(), true));
                first = 1;
            }
            for (int j = 0; j < stage.layers(); j++) {
                layers.addAll(layer(block.scope("" + (first + j)), stage, config.headWidth()));
            }
        }
        int last = stages.get(skips ? 1 : 0).channels();
        layers.add(new ChannelNormLayer(scope.scope("norm_out"), last));
        layers.add(new ActivationLayer(config.lastActivation()));
        layers.add(
                skips
                        ? new DoublingLayer(scope.scope("conv_out"), last, COLOURS, config.shuffles(), false)
                        : ConvolutionLayer.same(scope.scope("conv_out"), last, COLOURS, 3));
        return new Layers(layers);
    }

    private static List<Layer> layer(Parameters scope, Stage stage, int headWidth) {
        return stage.attention()
                ? List.of(
                        new LinearAttentionLayer(scope.scope("attn"), stage.channels(), headWidth, stage.scales()),
                        new GatedConvolutionLayer(scope.scope("conv_out"), stage.channels()))
                : List.of(new Residual(scope, stage.channels(), stage.activation()));
    }

    /** <pre>y = x + norm(conv2(activation(conv1(x))))</pre> */
    private record Residual(
            ConvolutionLayer conv1, Activation activation, ConvolutionLayer conv2, ChannelNormLayer norm)
            implements Layer {
        Residual(Parameters scope, int channels, Activation activation) {
            this(
                    ConvolutionLayer.same(scope.scope("conv1"), channels, channels, 3),
                    activation,
                    ConvolutionLayer.unbiased(scope.scope("conv2"), channels, channels, 3, 1),
                    new ChannelNormLayer(scope.scope("norm"), channels));
        }

        @Override
        public Tensor forward(Tape tape, Tensor x) {
            Tensor y = conv2.forward(tape, activation.of(tape, conv1.forward(tape, x)));
            return tape.add(norm.forward(tape, y), x);
        }

        @Override
        public Extent out(Extent in) {
            return in;
        }

        @Override
        public long peak(Extent in) {
            return 4 * in.bytes() + norm.peak(in);
        }
    }

    /** A convolution, and beside it averages or repetitions of the channels. */
    private record Widening(ConvolutionLayer convolution, boolean shortcut) implements Layer {
        @Override
        public Tensor forward(Tape tape, Tensor x) {
            Tensor y = convolution.forward(tape, x);
            if (!shortcut) {
                return y;
            }
            int channels = y.shape().size(3);
            Tensor beside = channels < x.shape().dim(3)
                    ? Rearrangement.average(tape, x, channels)
                    : Rearrangement.repeat(tape, x, channels);
            return tape.add(y, beside);
        }

        @Override
        public Extent out(Extent in) {
            return convolution.out(in);
        }

        @Override
        public long peak(Extent in) {
            Extent out = out(in);
            long beside = out.channels() < in.channels() ? Rearrangement.averageBytes(in, out.channels()) : out.bytes();
            return 2 * out.bytes() + (shortcut ? beside : 0);
        }
    }
}
