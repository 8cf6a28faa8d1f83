package mezzotint.evaluation;

import java.util.ArrayList;
import java.util.List;
import mezzotint.data.StarterSet;
import mezzotint.image.RgbImage;

/**
 * How often a prompt gives the picture it names: of all training pictures, the prompted one is nearest to the drawn one in
 * pixel L2.
 *
 * @param counts one a language
 */
public record PromptAccuracy(List<Count> counts) {
    /** Copies the list. */
    public PromptAccuracy {
        counts = List.copyOf(counts);
    }

    /**
     * Prompts of one language.
     *
     * @param language BCP 47 tag
     * @param trained whether the model was trained with it
     * @param right prompts whose picture is nearest to the prompted one
     * @param total prompts
     */
    public record Count(String language, boolean trained, int right, int total) {
        /** @throws IllegalArgumentException unless 0 ≤ right ≤ total and 1 ≤ total */
        public Count {
            if (right < 0 || right > total || total < 1) {
                throw new IllegalArgumentException(
                        "prompt accuracy of %s: expected 0 to total right of at least 1, got %d of %d"
                                .formatted(language, right, total));
            }
        }

        /** Share of right ones, in [0, 1]. */
        public double share() {
            return (double) right / total;
        }
    }

    /** Draws the pictures of one language's prompts. */
    @FunctionalInterface
    public interface Painter {
        /** A picture for each prompt, in their order. */
        List<RgbImage> draw(String language, List<String> prompts);
    }

    /** Told of each language as it is done. */
    @FunctionalInterface
    public interface Listener {
        /** One language's result. */
        void counted(Count count);
    }

    /**
     * Asks for every concept of the starter set in every language, trained ones first.
     *
     * @param side of the pictures, in pixels
     * @param listener told of each language as it is done
     */
    public static PromptAccuracy measure(
            StarterSet set, int side, Languages languages, Painter painter, Listener listener) {
        List<RgbImage> references = set.concepts().stream()
                .map(concept -> set.picture(concept, side))
                .toList();
        List<Count> counts = new ArrayList<>();
        for (boolean trained : new boolean[] {true, false}) {
            for (String language : trained ? languages.trained : languages.heldOut) {
                List<String> prompts = set.concepts().stream()
                        .map(concept -> set.label(concept, language))
                        .toList();
                int right = right(painter.draw(language, prompts), references);
                Count count = new Count(language, trained, right, prompts.size());
                counts.add(count);
                listener.counted(count);
            }
        }
        return new PromptAccuracy(counts);
    }

    /**
     * Languages to ask in.
     *
     * @param trained tags of those trained with
     * @param heldOut tags of those not trained with
     */
    public record Languages(List<String> trained, List<String> heldOut) {
        /** Copies the lists. */
        public Languages {
            trained = List.copyOf(trained);
            heldOut = List.copyOf(heldOut);
        }
    }

    /**
     * How many pictures are nearest to the reference of their own place.
     *
     * @param drawn the i-th was asked to look like the i-th reference
     * @param references all of one size, which is also that of the drawn
     * @throws IllegalArgumentException when counts or sizes differ
     */
    public static int right(List<RgbImage> drawn, List<RgbImage> references) {
        if (drawn.size() != references.size()) {
            throw new IllegalArgumentException(
                    "prompt accuracy: %d pictures for %d references".formatted(drawn.size(), references.size()));
        }
        int right = 0;
        for (int i = 0; i < drawn.size(); i++) {
            if (nearest(drawn.get(i), references) == i) {
                right++;
            }
        }
        return right;
    }

    /**
     * Index of the reference nearest to a picture: least sum over all pixels and colours of the squared difference; the
     * first one of equals.
     *
     * @throws IllegalArgumentException when there is no reference or one is of another size
     */
    public static int nearest(RgbImage picture, List<RgbImage> references) {
        byte[] pixels = picture.toBytes();
        int best = -1;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < references.size(); i++) {
            RgbImage reference = references.get(i);
            if (reference.width() != picture.width() || reference.height() != picture.height()) {
                throw new IllegalArgumentException(
                        "prompt accuracy: picture %s, reference %s".formatted(picture, reference));
            }
            long distance = squaredDistance(pixels, reference.toBytes());
            if (distance < least) {
                least = distance;
                best = i;
            }
        }
        if (best < 0) {
            throw new IllegalArgumentException("prompt accuracy: expected at least one reference");
        }
        return best;
    }

    private static long squaredDistance(byte[] a, byte[] b) {
        long sum = 0;
        for (int i = 0; i < a.length; i++) {
            int difference = (a[i] & 0xff) - (b[i] & 0xff);
            sum += (long) difference * difference;
        }
        return sum;
    }

    /** Share of right ones over all trained languages together; NaN if there are none. */
    public double trainedShare() {
        return share(true);
    }

    /** Share of right ones over all held-out languages together; NaN if there are none. */
    public double heldOutShare() {
        return share(false);
    }

    private double share(boolean trained) {
        List<Count> some = counts.stream().filter(c -> c.trained == trained).toList();
        return some.stream().mapToInt(Count::right).sum()
                / (double) some.stream().mapToInt(Count::total).sum();
    }
}
