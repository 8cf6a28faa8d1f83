package mezzotint.training;

import static mezzotint.training.InvalidTrainingConfigException.require;

import java.util.List;
import mezzotint.autograd.Parameter;
import mezzotint.kernel.Kernels;

/**
 * The optimizer of a run.
 *
 * @param kind {@code adamw}, or {@code muon} for the matrices of the blocks and AdamW for all else
 * @param learningRate after the warm-up
 * @param beta1 see {@link AdamW.Constants}
 * @param beta2 see {@link AdamW.Constants}
 * @param eps see {@link AdamW.Constants}
 * @param weightDecay see {@link AdamW.Constants}
 * @param clip largest gradient norm; 0 for no clipping
 * @param muon what holds for the matrices where {@code kind} is {@code muon}
 */
public record OptimizerSettings(
        String kind,
        double learningRate,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        double clip,
        MuonSettings muon) {
    /**
     * @param learningRate after the warm-up; 0 for that of the others
     * @param momentum see {@link Muon.Constants}
     * @param nesterov see {@link Muon.Constants}
     * @param iterations see {@link Muon.Constants}
     * @param rmsScale see {@link Muon.Constants}
     * @param weightDecay see {@link Muon.Constants}
     */
    public record MuonSettings(
            double learningRate,
            double momentum,
            boolean nesterov,
            int iterations,
            boolean rmsScale,
            double weightDecay) {
        /** PRX's. */
        public static final MuonSettings PRX = new MuonSettings(0, 0.95, true, 5, true, 0);

        /** @throws InvalidTrainingConfigException when the rate is negative */
        public MuonSettings {
            require(learningRate >= 0, "optimizer.muon.learning_rate", "at least 0", learningRate);
        }
    }

    /** @throws InvalidTrainingConfigException when a setting does not fit */
    public OptimizerSettings {
        require(List.of("adamw", "muon").contains(kind), "optimizer.kind", "adamw or muon", kind);
        require(learningRate >= 0, "optimizer.learning_rate", "at least 0", learningRate);
        require(clip >= 0, "optimizer.clip", "at least 0", clip);
        require(
                muon.learningRate == 0 || learningRate > 0,
                "optimizer.learning_rate",
                "above 0 where the matrices have a rate of their own, since one schedule moves both",
                learningRate);
    }

    /** AdamW's constants. */
    public AdamW.Constants constants() {
        return new AdamW.Constants(beta1, beta2, eps, weightDecay);
    }

    /** Muon's constants. */
    public Muon.Constants muonConstants() {
        double factor = muon.learningRate == 0 ? 1 : muon.learningRate / learningRate;
        return new Muon.Constants(
                factor, muon.momentum, muon.nesterov, muon.iterations, muon.rmsScale, muon.weightDecay);
    }

    /** The clipping, off for 0. */
    public GradientClipping clipping() {
        return clip == 0 ? GradientClipping.OFF : new GradientClipping(clip);
    }

    /** The optimizer of {@code trained}, all trainable. */
    Optimizer make(Kernels kernels, Muon.Arenas arenas, List<Parameter> trained) {
        return kind.equals("muon")
                ? new Muon(kernels, arenas, trained, muonConstants(), constants())
                : new AdamW(kernels, arenas.state(), trained, constants());
    }
}
