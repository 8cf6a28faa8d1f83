package mezzotint.evaluation;

import java.util.List;
import mezzotint.image.RgbImage;

/** What turns pictures into the features that a score compares. */
public interface FeatureExtractor {
    /**
     * Everything beside the pixels that decides the features, in a line: network, hash of its weights, layer, how pictures are
     * resized and normalised. Two extractors with the same line give the same features.
     */
    String conventions();

    /** D: numbers a picture. */
    int width();

    /**
     * The features of a few pictures, which fit into memory together.
     *
     * @param pictures at least one, of any sizes
     */
    Features features(List<RgbImage> pictures);
}
