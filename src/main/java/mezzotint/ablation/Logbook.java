package mezzotint.ablation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mezzotint.training.TrainingConfig;
import mezzotint.training.TrainingConfigFile;
import mezzotint.training.TrainingConfigFile.Change;

/**
 * A baseline, its variants and the seeds they run with.
 *
 * @param name a short word for files
 * @param question what the logbook wants to know, a sentence
 * @param base settings that every variant shares, over {@link TrainingConfig#QUICKSTART}
 * @param seeds of the runs of each variant, at least one, none twice
 * @param judging how models are judged
 * @param variants the baseline first
 */
public record Logbook(
        String name, String question, ObjectNode base, List<Long> seeds, Judging judging, List<Variant> variants) {

    /** @throws InvalidLogbookException when there is no baseline, a name comes twice or a comparison names nobody before it */
    public Logbook {
        seeds = List.copyOf(seeds);
        variants = List.copyOf(variants);
        base = base.deepCopy();
        if (seeds.isEmpty() || new HashSet<>(seeds).size() != seeds.size()) {
            throw new InvalidLogbookException("logbook " + name + ", seeds: expected different ones, got " + seeds);
        }
        if (variants.isEmpty() || !variants.getFirst().isBaseline()) {
            throw new InvalidLogbookException("logbook " + name + ": the first variant has to be the baseline");
        }
        Set<String> known = new HashSet<>();
        for (Variant variant : variants) {
            if (variant.against().isPresent()
                    && !known.contains(variant.against().get())) {
                throw new InvalidLogbookException(
                        "logbook %s, variant %s: against expected a variant above it, one of %s, got \"%s\""
                                .formatted(
                                        name,
                                        variant.name(),
                                        known,
                                        variant.against().get()));
            }
            if (!known.add(variant.name())) {
                throw new InvalidLogbookException(
                        "logbook " + name + ": the variant name " + variant.name() + " comes twice");
            }
        }
    }

    /**
     * The configuration of one run.
     *
     * @throws mezzotint.training.InvalidTrainingConfigException when base or change have a key or a value that does not fit
     */
    public TrainingConfig config(Variant variant, long seed) {
        return new TrainingConfigFile()
                .parseAll(
                        List.of(
                                new Change(base.toString(), "logbook " + name + ", base"),
                                new Change(
                                        variant.change().toString(),
                                        "logbook " + name + ", variant " + variant.name() + ", change"),
                                new Change("{run: {seed: " + seed + "}}", "logbook " + name + ", seeds")),
                        TrainingConfig.QUICKSTART);
    }

    /** The variant of that name, if there is one. */
    public java.util.Optional<Variant> variant(String wanted) {
        return variants.stream().filter(v -> v.name().equals(wanted)).findFirst();
    }

    /** Every run in the order they are made: all variants of the first seed, then all of the next. */
    public List<RunKey> runs() {
        List<RunKey> runs = new ArrayList<>();
        for (long seed : seeds) {
            for (Variant variant : variants) {
                runs.add(new RunKey(variant.name(), seed));
            }
        }
        return runs;
    }
}
