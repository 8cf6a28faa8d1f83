package mezzotint.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mezzotint.data.Batch;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxSeams;
import mezzotint.prx.TokenRoute;
import mezzotint.prx.TokenRouting;
import mezzotint.tensor.TensorArena;
import mezzotint.training.technique.AlignmentProjector;
import mezzotint.training.technique.AttentionProjector;
import mezzotint.training.technique.BlockOutputs;
import mezzotint.training.technique.ContrastiveFlowMatching;
import mezzotint.training.technique.ConvolutionProjector;
import mezzotint.training.technique.LossTerm;
import mezzotint.training.technique.MlpProjector;
import mezzotint.training.technique.PatchSimilarity;
import mezzotint.training.technique.PerceptualTerm;
import mezzotint.training.technique.PictureTransform;
import mezzotint.training.technique.RepresentationAlignment;
import mezzotint.training.technique.StepSurroundings;
import mezzotint.training.technique.TeacherFeatures;

/** The techniques of a run, made from its settings, and what they do in a step. */
final class StepTechniques {
    private static final long PURPOSE = 5L << 48; // of the random streams of steps, beside times, noise and dropout

    private final TechniqueSettings settings;
    private final long seed;
    private final int patch;
    private final Optional<TokenRouting> routing;
    private final List<LossTerm> terms = new ArrayList<>();
    private final TensorArena scratch;

    /**
     * Makes the terms of the loss; what they learn goes among {@code learned}.
     *
     * @param scratch {@link FrozenNetworks#scratchBytes} for the teacher
     */
    StepTechniques(
            TrainingConfig config,
            PrxConfig network,
            FrozenNetworks networks,
            Parameters learned,
            TensorArena scratch) {
        this.settings = config.technique();
        this.seed = config.run().seed();
        this.patch = network.patchSize();
        this.scratch = scratch;
        routing = settings.routing(network.depth());
        if (settings.contrastive().weight() > 0) {
            terms.add(new ContrastiveFlowMatching(settings.contrastive().weight()));
        }
        networks.teacher().ifPresent(teacher -> terms.add(alignment(network, teacher, learned)));
        networks.lpips().ifPresent(lpips -> {
            TechniqueSettings.Lpips s = settings.lpips();
            PictureTransform transform = PictureTransform.of(s.cropSide(), s.resizeFactor());
            terms.add(new PerceptualTerm("lpips", s.weight(), s.threshold(), transform, lpips::distance));
        });
        networks.perceptual().ifPresent(encoder -> {
            TechniqueSettings.PerceptualDino s = settings.perceptualDino();
            PictureTransform transform = s.cropSide() > 0
                    ? new PictureTransform.RandomCrop(s.cropSide())
                    : new PictureTransform.Square(s.side());
            terms.add(new PerceptualTerm("pdino", s.weight(), s.threshold(), transform, new PatchSimilarity(encoder)));
        });
    }

    private LossTerm alignment(PrxConfig network, TeacherFeatures teacher, Parameters learned) {
        TechniqueSettings.Repa repa = settings.repa();
        Parameters own = learned.scope("repa_loss").scope("projector");
        int width = network.hiddenSize();
        AlignmentProjector projector = switch (repa.kind()) {
            case "irepa_attention" -> new AttentionProjector(own, width, teacher.width());
            case "irepa_convolution" -> new ConvolutionProjector(own, width, teacher.width());
            default -> new MlpProjector(own, width, teacher.width());
        };
        return new RepresentationAlignment(
                repa.weight(),
                repa.blockOf(network.depth()),
                projector,
                !repa.kind().equals("repa"),
                teacher);
    }

    /** What is added to the loss. */
    List<LossTerm> terms() {
        return terms;
    }

    /**
     * What surrounds a step.
     *
     * @param index of the step, 0 for the first
     * @param tokens L of a picture
     */
    StepSurroundings around(Batch batch, long index, int tokens) {
        Optional<TokenRoute> route = routing.map(r -> r.route(r.stepSeed(index, 0), batch.size(), tokens));
        return new StepSurroundings(
                batch.ids(),
                new PhiloxRandom(seed, PURPOSE + index, 0),
                route,
                new BlockOutputs(terms),
                patch,
                scratch);
    }

    /** How a step reaches into the denoiser. */
    static PrxSeams seams(StepSurroundings around) {
        return new PrxSeams(around.blocks(), around.route());
    }
}
