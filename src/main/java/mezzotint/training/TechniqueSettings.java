package mezzotint.training;

import static mezzotint.training.InvalidTrainingConfigException.require;

import java.util.List;
import java.util.Optional;
import mezzotint.prx.PrxExtensions;
import mezzotint.prx.TokenRouting;

/**
 * The training techniques of a run; each is off where its weight or probability is 0.
 *
 * <p>A block given as −1 lies where PRX has it among its 16 blocks, in proportion to the depth: REPA looks at the last of the
 * first half, routes go from an eighth to four fifths.
 *
 * @param repa alignment with a vision encoder
 * @param tread tokens that pass blocks by
 * @param sprint the same, with deep and shallow features fused
 * @param contrastive away from other pictures' targets
 * @param lpips perceptual distance by VGG
 * @param perceptualDino perceptual distance by DINO
 * @param resolution how height and width condition the denoiser: {@code none}, {@code vec} or {@code token}
 */
public record TechniqueSettings(
        Repa repa,
        Tread tread,
        Sprint sprint,
        Contrastive contrastive,
        Lpips lpips,
        PerceptualDino perceptualDino,
        String resolution) {

    /** Nothing on; the other settings are PRX's. */
    public static final TechniqueSettings NONE = new TechniqueSettings(
            new Repa("repa", 0, -1, "", ""),
            new Tread(0, -1, -1, 42, false),
            new Sprint(0, -1, -1, 42, false, true),
            new Contrastive(0),
            new Lpips(0, "", 1, 0, 1),
            new PerceptualDino(0, "", 224, 0, 1),
            "none");

    /**
     * @param kind {@code repa}, {@code irepa_attention} or {@code irepa_convolution}
     * @param weight λ, at least 0; 0.5 in PRX
     * @param block whose output is aligned, from 0; −1 for PRX's place
     * @param teacher folder of a vision encoder
     * @param features file of features computed before, a tensor (L, D) per picture id; instead of a teacher
     * @see mezzotint.training.technique.RepresentationAlignment
     */
    public record Repa(String kind, float weight, int block, String teacher, String features) {
        /** @throws InvalidTrainingConfigException when a setting does not fit */
        public Repa {
            require(
                    List.of("repa", "irepa_attention", "irepa_convolution").contains(kind),
                    "technique.repa.kind",
                    "repa, irepa_attention or irepa_convolution",
                    kind);
            atLeastZero("technique.repa.weight", weight);
            require(block >= -1, "technique.repa.block", "at least 0, or -1", block);
            require(
                    weight == 0 || teacher.isEmpty() != features.isEmpty(),
                    "technique.repa.teacher",
                    "the folder of a vision encoder, or technique.repa.features a file of its features, and not both",
                    teacher.isEmpty() ? "neither" : "both");
        }

        int blockOf(int depth) {
            return block >= 0 ? block : Math.max(0, depth / 2 - 1);
        }
    }

    /**
     * @param probability share of tokens that pass by, in [0, 1]; 0.5 in PRX
     * @param firstBlock before which they leave; −1 for PRX's place
     * @param lastBlock after which they come back; −1 for PRX's place
     * @param seed of the steps' seeds
     * @param detach whether no gradient flows through them
     * @see TokenRouting
     */
    public record Tread(double probability, int firstBlock, int lastBlock, long seed, boolean detach) {
        /** @throws InvalidTrainingConfigException when a setting does not fit */
        public Tread {
            share("technique.tread.probability", probability);
            blocks("technique.tread", firstBlock, lastBlock);
        }
    }

    /**
     * @param probability share of tokens that only shallow blocks see, in [0, 1]; 0.75 in PRX
     * @param firstBlock before which shallow features are taken; −1 for PRX's place
     * @param lastBlock after which deep ones are; −1 for PRX's place
     * @param seed of the steps' seeds
     * @param detach whether no gradient flows through the shallow features
     * @param learnableMask whether the token that stands for unseen ones is trained
     * @see PrxExtensions.Sprint
     */
    public record Sprint(
            double probability, int firstBlock, int lastBlock, long seed, boolean detach, boolean learnableMask) {
        /** @throws InvalidTrainingConfigException when a setting does not fit */
        public Sprint {
            share("technique.sprint.probability", probability);
            blocks("technique.sprint", firstBlock, lastBlock);
        }
    }

    /**
     * @param weight λ, at least 0; 0.05 in PRX
     * @see mezzotint.training.technique.ContrastiveFlowMatching
     */
    public record Contrastive(float weight) {
        /** @throws InvalidTrainingConfigException when the weight is negative */
        public Contrastive {
            atLeastZero("technique.contrastive.weight", weight);
        }
    }

    /**
     * @param weight at least 0; 0.1 in PRX
     * @param network safetensors file of LPIPS with its VGG-16, named as in the package lpips
     * @param resizeFactor on both sides before it looks, above 0; 0.5 in PRX at 1024 pixels
     * @param cropSide of a random square that it looks at instead; 0 for none
     * @param threshold only pictures with t below it count
     * @see mezzotint.training.technique.PerceptualTerm
     */
    public record Lpips(float weight, String network, float resizeFactor, int cropSide, float threshold) {
        /** @throws InvalidTrainingConfigException when a setting does not fit */
        public Lpips {
            atLeastZero("technique.lpips.weight", weight);
            require(weight == 0 || !network.isEmpty(), "technique.lpips.network", "a safetensors file", "nothing");
            require(resizeFactor > 0, "technique.lpips.resize_factor", "above 0", resizeFactor);
            require(cropSide >= 0, "technique.lpips.crop_side", "at least 0", cropSide);
        }
    }

    /**
     * @param weight at least 0; 0.01 in PRX
     * @param encoder folder of a vision encoder
     * @param side of the square that both pictures are resized to, in pixels; 224 in PRX
     * @param cropSide of a random square that it looks at instead; 0 for none
     * @param threshold only pictures with t below it count
     * @see mezzotint.training.technique.PatchSimilarity
     */
    public record PerceptualDino(float weight, String encoder, int side, int cropSide, float threshold) {
        /** @throws InvalidTrainingConfigException when a setting does not fit */
        public PerceptualDino {
            atLeastZero("technique.perceptual_dino.weight", weight);
            require(
                    weight == 0 || !encoder.isEmpty(),
                    "technique.perceptual_dino.encoder",
                    "the folder of a vision encoder",
                    "nothing");
            require(side > 0, "technique.perceptual_dino.side", "at least 1", side);
            require(cropSide >= 0, "technique.perceptual_dino.crop_side", "at least 0", cropSide);
        }
    }

    /** @throws InvalidTrainingConfigException when techniques exclude each other */
    public TechniqueSettings {
        require(
                List.of("none", "vec", "token").contains(resolution),
                "technique.resolution",
                "none, vec or token",
                resolution);
        require(
                tread.probability == 0 || sprint.probability == 0,
                "technique.sprint.probability",
                "0 beside TREAD, tokens take one route",
                sprint.probability);
    }

    private static void atLeastZero(String key, float weight) {
        require(weight >= 0 && Float.isFinite(weight), key, "a number of at least 0", weight);
    }

    private static void share(String key, double probability) {
        require(probability >= 0 && probability <= 1, key, "in [0, 1]", probability);
    }

    private static void blocks(String key, int first, int last) {
        require(first >= -1, key + ".first_block", "at least 0, or -1", first);
        require(
                last >= -1 && (first < 0 || last < 0 || last > first),
                key + ".last_block",
                "above first_block, or -1",
                last);
    }

    /** How tokens are routed in a denoiser of {@code depth} blocks; empty where neither TREAD nor SPRINT is on. */
    Optional<TokenRouting> routing(int depth) {
        if (tread.probability > 0) {
            return Optional.of(new TokenRouting(
                    first(tread.firstBlock, depth),
                    last(tread.lastBlock, depth),
                    tread.probability,
                    tread.seed,
                    tread.detach));
        }
        if (sprint.probability > 0) {
            return Optional.of(new TokenRouting(
                    first(sprint.firstBlock, depth),
                    last(sprint.lastBlock, depth),
                    sprint.probability,
                    sprint.seed,
                    sprint.detach));
        }
        return Optional.empty();
    }

    /** What the techniques add to a denoiser of {@code depth} blocks. */
    PrxExtensions extensions(int depth) {
        Optional<PrxExtensions.Sprint> fused = sprint.probability > 0
                ? routing(depth).map(r -> new PrxExtensions.Sprint(r.first(), r.last(), sprint.learnableMask))
                : Optional.empty();
        return new PrxExtensions(resolution.equals("token"), fused);
    }

    private static int first(int block, int depth) {
        return block >= 0 ? block : Math.max(1, depth / 8);
    }

    private static int last(int block, int depth) {
        return block >= 0 ? block : (depth - 1) * 4 / 5;
    }

    /** @throws InvalidTrainingConfigException when they do not suit a denoiser of {@code depth} blocks */
    void check(int depth, String prediction) {
        String place = "a span of blocks within the depth " + depth + ": out of range";
        int first = tread.probability > 0 ? first(tread.firstBlock, depth) : first(sprint.firstBlock, depth);
        int last = tread.probability > 0 ? last(tread.lastBlock, depth) : last(sprint.lastBlock, depth);
        String routed = tread.probability > 0 ? "technique.tread" : "technique.sprint";
        boolean routes = tread.probability > 0 || sprint.probability > 0;
        require(!routes || (first < last && last < depth), routed + ".last_block", place, first + " to " + last);
        int aligned = repa.blockOf(depth);
        require(repa.weight == 0 || aligned < depth, "technique.repa.block", "below the depth " + depth, aligned);
        require(
                repa.weight == 0
                        || !repa.kind.equals("irepa_convolution")
                        || !routes
                        || aligned < first
                        || aligned > last,
                "technique.repa.kind",
                "irepa_attention where tokens are routed, a convolution needs all of them",
                repa.kind);
        require(
                (lpips.weight == 0 && perceptualDino.weight == 0) || prediction.equals("x"),
                "flow.prediction",
                "x for a perceptual loss",
                prediction);
    }
}
