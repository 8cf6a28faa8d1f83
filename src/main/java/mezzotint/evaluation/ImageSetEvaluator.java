package mezzotint.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import mezzotint.image.RgbImage;

/**
 * Features of sets of pictures, a few pictures at a time: only those are in memory, and what was looked at once is kept.
 *
 * @param extractor what looks
 * @param colours which colours it sees
 * @param cache where features are kept, if anywhere
 */
public record ImageSetEvaluator(FeatureExtractor extractor, PixelColours colours, Optional<FeatureCache> cache) {
    private static final String VERSION = "mezzotint features 1"; // another number where pictures are decoded otherwise
    private static final int CHUNK = 32;

    /**
     * The features of a set, in its order.
     *
     * @param set at least one picture
     * @param progress told how many more are done
     * @throws IllegalArgumentException when there are none
     * @throws mezzotint.image.UnreadableImageException when one is no picture
     */
    public Features features(List<ScoredPicture> set, IntConsumer progress) {
        List<Features> parts = new ArrayList<>();
        for (int begin = 0; begin < set.size(); begin += CHUNK) {
            int end = Math.min(set.size(), begin + CHUNK);
            parts.add(chunk(set.subList(begin, end)));
            progress.accept(end - begin);
        }
        return Features.concatenated(parts);
    }

    private Features chunk(List<ScoredPicture> pictures) {
        String question = question(pictures);
        Optional<Features> known = cache.flatMap(kept -> kept.find(question));
        if (known.isPresent()) {
            return known.get();
        }
        List<RgbImage> seen = pictures.stream()
                .map(picture -> colours.seen(picture.source().load()))
                .toList();
        Features features = extractor.features(seen);
        cache.ifPresent(kept -> kept.keep(question, features));
        return features;
    }

    /** Everything that decides the features of some pictures. */
    private String question(List<ScoredPicture> pictures) {
        StringBuilder question = new StringBuilder(VERSION)
                .append('\n')
                .append(extractor.conventions())
                .append("\ncolours ")
                .append(colours);
        pictures.forEach(picture -> question.append('\n').append(picture.identity()));
        return question.toString();
    }
}
