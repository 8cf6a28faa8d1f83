package mezzotint.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import mezzotint.data.Concept;
import mezzotint.data.StarterSet;
import mezzotint.image.RgbImage;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PromptAccuracyTest {
    @Test
    void takesTheReferenceOfLeastSquaredDistance() {
        // One pixel each. From (100, 100, 100): 3 · 60² = 10,800 to the first, 100² = 10,000 to the second.
        RgbImage picture = RgbImage.filled(1, 1, 0x646464);
        List<RgbImage> references = List.of(RgbImage.filled(1, 1, 0x282828), RgbImage.filled(1, 1, 0x6464C8));
        assertEquals(1, PromptAccuracy.nearest(picture, references));
    }

    @Test
    void takesTheFirstOfEquals() {
        RgbImage grey = RgbImage.filled(2, 2, 0x808080);
        assertEquals(0, PromptAccuracy.nearest(grey, List.of(grey, grey)));
    }

    @Property(tries = 200)
    void agreesWithTheDefinitionInFloat64(@ForAll @Size(12) byte[] picture, @ForAll @Size(36) byte[] references) {
        List<RgbImage> images = new ArrayList<>();
        double[] distances = new double[3];
        for (int r = 0; r < 3; r++) {
            byte[] own = java.util.Arrays.copyOfRange(references, 12 * r, 12 * (r + 1));
            images.add(RgbImage.of(2, 2, own));
            for (int i = 0; i < 12; i++) {
                distances[r] += Math.pow((double) (picture[i] & 0xff) - (own[i] & 0xff), 2);
            }
        }
        int nearest = PromptAccuracy.nearest(RgbImage.of(2, 2, picture), images);
        for (double distance : distances) {
            assertTrue(distances[nearest] <= distance);
        }
    }

    @Test
    void countsEachLanguageByItself() {
        StarterSet set = StarterSet.load();
        var languages = new PromptAccuracy.Languages(List.of("en", "de"), List.of("nl"));
        List<String> told = new ArrayList<>();
        PromptAccuracy accuracy = PromptAccuracy.measure(
                set, 32, languages, (language, prompts) -> draw(set, language, prompts), c -> told.add(c.language()));
        assertEquals(List.of("en", "de", "nl"), told);
        assertEquals(
                List.of(
                        new PromptAccuracy.Count("en", true, 64, 64),
                        new PromptAccuracy.Count("de", true, 63, 64),
                        new PromptAccuracy.Count("nl", false, 1, 64)),
                accuracy.counts());
        assertEquals(127 / 128.0, accuracy.trainedShare());
        assertEquals(1 / 64.0, accuracy.heldOutShare());
    }

    /** English is drawn right, German but for its first concept, and Dutch always gives the first picture. */
    private static List<RgbImage> draw(StarterSet set, String language, List<String> prompts) {
        List<RgbImage> drawn = new ArrayList<>();
        for (Concept concept : set.concepts()) {
            assertTrue(prompts.contains(set.label(concept, language)));
            boolean wrong = language.equals("nl") || language.equals("de") && drawn.isEmpty();
            Concept shown = !wrong ? concept : set.concepts().get(language.equals("nl") ? 0 : 1);
            drawn.add(set.picture(shown, 32));
        }
        return drawn;
    }

    @Test
    void refusesPicturesOfAnotherSizeOrNumber() {
        RgbImage small = RgbImage.filled(1, 1, 0);
        RgbImage large = RgbImage.filled(2, 2, 0);
        assertThrows(IllegalArgumentException.class, () -> PromptAccuracy.nearest(small, List.of(large)));
        assertThrows(IllegalArgumentException.class, () -> PromptAccuracy.nearest(small, List.of()));
        assertThrows(IllegalArgumentException.class, () -> PromptAccuracy.right(List.of(small), List.of(small, small)));
    }

    @Test
    void hasNoShareOfNothing() {
        assertTrue(Double.isNaN(new PromptAccuracy(List.of()).trainedShare()));
    }
}
