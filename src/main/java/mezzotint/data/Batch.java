package mezzotint.data;

import java.util.List;

/**
 * Pictures and captions for one training step.
 *
 * @param pixels (B, 3, H, W) in [−1, 1], H = W; the receiver's own, it may be written to
 * @param captions B captions
 * @param ids B ids of the pictures
 * @param index how many batches came before
 */
public record Batch(float[] pixels, List<String> captions, List<String> ids, long index) {
    /** Copies the lists. */
    public Batch {
        captions = List.copyOf(captions);
        ids = List.copyOf(ids);
        if (captions.isEmpty() || captions.size() != ids.size() || pixels.length % (3 * ids.size()) != 0) {
            throw new IllegalArgumentException("a batch of %d captions has %d ids and %d floats"
                    .formatted(captions.size(), ids.size(), pixels.length));
        }
    }

    /** B, the number of pictures. */
    public int size() {
        return ids.size();
    }
}
