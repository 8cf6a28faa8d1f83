package mezzotint.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import mezzotint.autograd.Tape;

/**
 * A frozen encoder whose states are standardised per dimension and kept, so that a caption is encoded once and then looked up.
 *
 * <p>Not safe for use by several threads.
 */
public final class StandardizedText implements TextEncoder {
    /** Room for kept states unless said otherwise: 256 MiB, 80 thousand tokens of width 768. */
    public static final long DEFAULT_CACHE_BYTES = 256L << 20;

    private final FrozenTextEncoder encoder;
    private final TextStatistics statistics;
    private final long cacheBytes;
    private final SequencedMap<String, float[]> kept = new LinkedHashMap<>(64, 0.75f, true);
    private long keptBytes;

    /** Keeps up to {@link #DEFAULT_CACHE_BYTES}; see the other constructor. */
    public StandardizedText(FrozenTextEncoder encoder, TextStatistics statistics) {
        this(encoder, statistics, DEFAULT_CACHE_BYTES);
    }

    /**
     * Puts statistics on top of an encoder, which stays the caller's to close.
     *
     * @param cacheBytes the most bytes of states to keep, ≥ 0; the least recently used go first
     * @throws IllegalArgumentException where the statistics were measured on another encoder
     */
    public StandardizedText(FrozenTextEncoder encoder, TextStatistics statistics, long cacheBytes) {
        if (!statistics.encoder().equals(encoder.name()) || statistics.mean().length != encoder.width()) {
            throw new IllegalArgumentException(
                    "text statistics of %s (width %d) do not belong to the encoder %s (width %d); measure them again"
                            .formatted(
                                    statistics.encoder(), statistics.mean().length, encoder.name(), encoder.width()));
        }
        this.encoder = encoder;
        this.statistics = statistics;
        this.cacheBytes = cacheBytes;
    }

    /** The statistics, to be kept with the checkpoint. */
    public TextStatistics statistics() {
        return statistics;
    }

    @Override
    public String name() {
        return encoder.name();
    }

    @Override
    public int width() {
        return encoder.width();
    }

    @Override
    public int maxTokens() {
        return encoder.maxTokens();
    }

    @Override
    public TextTokens encode(Tape tape, List<String> prompts) {
        Map<String, float[]> fresh = encodeMissing(prompts);
        List<float[]> states = new ArrayList<>();
        for (String prompt : prompts) {
            float[] known = kept.get(prompt);
            states.add(known == null ? fresh.get(prompt) : known);
        }
        fresh.forEach(this::keep);
        return TextTokens.padded(tape, states, width());
    }

    private Map<String, float[]> encodeMissing(List<String> prompts) {
        List<String> missing = new LinkedHashSet<>(prompts)
                .stream().filter(prompt -> !kept.containsKey(prompt)).toList();
        Map<String, float[]> fresh = new LinkedHashMap<>();
        if (!missing.isEmpty()) {
            List<float[]> states = encoder.states(missing);
            for (int i = 0; i < missing.size(); i++) {
                fresh.put(missing.get(i), statistics.standardize(states.get(i)));
            }
        }
        return fresh;
    }

    private void keep(String prompt, float[] states) {
        kept.put(prompt, states);
        keptBytes += (long) states.length * Float.BYTES;
        while (keptBytes > cacheBytes) {
            keptBytes -= (long) kept.pollFirstEntry().getValue().length * Float.BYTES;
        }
    }
}
