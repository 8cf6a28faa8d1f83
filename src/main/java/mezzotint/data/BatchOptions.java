package mezzotint.data;

import java.util.List;
import mezzotint.image.Resampling;

/**
 * How pictures become batches.
 *
 * @param batchSize B, ≥ 1; may exceed the number of pictures
 * @param side H = W in pixels, ≥ 1; the largest centred square is cut out and resized
 * @param seed of every random choice
 * @param languages to draw captions from; empty for all
 * @param mirror whether to mirror half of the pictures left to right
 * @param filter how pictures are resized
 * @param onBadPicture what to do about a picture that cannot be decoded
 * @param prefetch batches made ahead, ≥ 1
 * @param cacheBytes resized pictures are kept in memory if all of them (3 · side² bytes each) fit into this
 */
public record BatchOptions(
        int batchSize,
        int side,
        long seed,
        List<String> languages,
        boolean mirror,
        Resampling filter,
        OnBadPicture onBadPicture,
        int prefetch,
        long cacheBytes) {

    /** Checks the ranges. */
    public BatchOptions {
        languages = List.copyOf(languages);
        if (batchSize < 1 || side < 1 || prefetch < 1 || cacheBytes < 0) {
            throw new IllegalArgumentException(
                    "batch size, side and prefetch are at least 1 and cache bytes at least 0, got %d, %d, %d and %d"
                            .formatted(batchSize, side, prefetch, cacheBytes));
        }
        if (3L * side * side * batchSize > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "a batch of %d pictures of %d×%d does not fit into one array".formatted(batchSize, side, side));
        }
    }

    /** All languages, no mirroring, bicubic, failing on bad pictures, 4 batches ahead, 512 MiB of cache. */
    public static BatchOptions of(int batchSize, int side, long seed) {
        return new BatchOptions(
                batchSize, side, seed, List.of(), false, Resampling.BICUBIC, OnBadPicture.FAIL, 4, 512L << 20);
    }

    /** These options with captions from some languages only. */
    public BatchOptions withLanguages(List<String> languages) {
        return new BatchOptions(
                batchSize, side, seed, languages, mirror, filter, onBadPicture, prefetch, cacheBytes);
    }

    /** These options with or without mirroring. */
    public BatchOptions withMirror(boolean mirror) {
        return new BatchOptions(
                batchSize, side, seed, languages, mirror, filter, onBadPicture, prefetch, cacheBytes);
    }

    /** These options with another filter. */
    public BatchOptions withFilter(Resampling filter) {
        return new BatchOptions(
                batchSize, side, seed, languages, mirror, filter, onBadPicture, prefetch, cacheBytes);
    }

    /** These options with another answer to bad pictures. */
    public BatchOptions withOnBadPicture(OnBadPicture onBadPicture) {
        return new BatchOptions(
                batchSize, side, seed, languages, mirror, filter, onBadPicture, prefetch, cacheBytes);
    }

    /** These options with another number of batches made ahead. */
    public BatchOptions withPrefetch(int prefetch) {
        return new BatchOptions(
                batchSize, side, seed, languages, mirror, filter, onBadPicture, prefetch, cacheBytes);
    }

    /** These options with another size of the cache. */
    public BatchOptions withCacheBytes(long cacheBytes) {
        return new BatchOptions(
                batchSize, side, seed, languages, mirror, filter, onBadPicture, prefetch, cacheBytes);
    }
}
