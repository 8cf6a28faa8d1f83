package mezzotint.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import mezzotint.prx.StoredDenoiser.Residency;

/**
 * What a sampling run will use of main memory, counted before it begins.
 *
 * <p>Phases follow each other, and what one takes is given back before the next: the text tower reads the prompts and goes,
 * the denoiser makes all its steps, the autoencoder decodes. Only what the process held before is there all the time.
 *
 * @param baseline bytes that the process holds without the model: the virtual machine, its compiled code, its heap
 * @param phases in the order they run, at least one
 * @param residency of the denoiser's blocks
 */
public record MemoryPlan(long baseline, List<Phase> phases, Residency residency) {
    /**
     * A part of a run.
     *
     * @param name for people
     * @param weights bytes of weights in memory, mapped or copied
     * @param scratch bytes of everything else: activations, keys and values of the text, packed matrices
     */
    public record Phase(String name, long weights, long scratch) {
        /** All its bytes. */
        public long bytes() {
            return weights + scratch;
        }
    }

    /**
     * What the denoiser's phase takes.
     *
     * @param residentWeights bytes of its weights with every block in memory
     * @param streamedWeights bytes of its weights with one block in memory
     * @param scratch bytes of everything else
     */
    public record Denoising(long residentWeights, long streamedWeights, long scratch) {
        private Phase phase(Residency residency) {
            return residency == Residency.RESIDENT
                    ? new Phase("denoiser", residentWeights, scratch)
                    : new Phase("denoiser, blocks streamed", streamedWeights, scratch);
        }
    }

    /** Copies the phases. */
    public MemoryPlan {
        phases = List.copyOf(phases);
    }

    /**
     * The plan with blocks in memory if that fits, else with blocks streamed.
     *
     * @param limit bytes the run may use; empty for as many as it needs
     * @param baseline as in the record
     * @param before phases before the denoiser's
     * @param after phases behind the denoiser's
     * @throws InsufficientMemoryException when a phase does not fit either way
     */
    public static MemoryPlan of(
            OptionalLong limit, long baseline, List<Phase> before, Denoising denoising, List<Phase> after) {
        MemoryPlan resident = with(Residency.RESIDENT, baseline, before, denoising, after);
        if (limit.isEmpty() || resident.peak() <= limit.getAsLong()) {
            return resident;
        }
        MemoryPlan streamed = with(Residency.STREAMED, baseline, before, denoising, after);
        if (streamed.peak() <= limit.getAsLong()) {
            return streamed;
        }
        Phase largest = streamed.largest();
        throw new InsufficientMemoryException(
                "%s are not enough: the %s needs %s (%s of weights and %s to work in) beside the %s that the program itself"
                                .formatted(
                                        limit(limit.getAsLong()),
                                        largest.name(),
                                        shown(largest.bytes()),
                                        shown(largest.weights()),
                                        shown(largest.scratch()),
                                        shown(baseline))
                        + " takes; give %s, or draw fewer or smaller pictures at once"
                                .formatted(shown(streamed.peak())));
    }

    private static MemoryPlan with(
            Residency residency, long baseline, List<Phase> before, Denoising denoising, List<Phase> after) {
        List<Phase> phases = new ArrayList<>(before);
        phases.add(denoising.phase(residency));
        phases.addAll(after);
        return new MemoryPlan(baseline, phases, residency);
    }

    private Phase largest() {
        return phases.stream().max(Comparator.comparingLong(Phase::bytes)).orElseThrow();
    }

    /** The most bytes in use at a time. */
    public long peak() {
        return baseline + largest().bytes();
    }

    /** A sentence a phase and one for the whole. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Phase phase : phases) {
            lines.add("%s: %s of weights, %s to work in"
                    .formatted(phase.name(), shown(phase.weights()), shown(phase.scratch())));
        }
        lines.add("memory: %s at most, %s of it the program itself".formatted(shown(peak()), shown(baseline)));
        return lines;
    }

    /** A number of bytes for people, rounded up so that a limit read off a message is enough. */
    static String shown(long bytes) {
        double gib = bytes / (double) (1L << 30);
        return gib >= 1
                ? String.format(Locale.ROOT, "%.2f GiB", Math.ceil(gib * 100) / 100)
                : String.format(Locale.ROOT, "%.0f MiB", Math.ceil(bytes / (double) (1L << 20)));
    }

    /** A limit, rounded down so that it never reads like more than it is. */
    private static String limit(long bytes) {
        double gib = bytes / (double) (1L << 30);
        return gib >= 1
                ? String.format(Locale.ROOT, "%.2f GiB", Math.floor(gib * 100) / 100)
                : String.format(Locale.ROOT, "%.0f MiB", Math.floor(bytes / (double) (1L << 20)));
    }
}
