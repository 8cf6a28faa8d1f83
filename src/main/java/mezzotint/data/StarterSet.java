package mezzotint.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import mezzotint.image.Resampling;
import mezzotint.image.RgbImage;

/**
 * The 64 Noto emoji that come with Mezzotint, 64 px on white, with their CLDR names in 41 languages.
 *
 * <p>Fifteen languages are meant for training and two, near kin of trained ones, for measuring what carries over; the
 * rest are there for whoever wants them.
 */
public final class StarterSet {
    /** Side of the pictures as stored, in pixels. */
    public static final int STORED_SIDE = 64;

    private static final String FOLDER = "/mezzotint/starter/";
    private static final List<String> TRAINED =
            List.of("en", "de", "fr", "es", "it", "pt", "ru", "uk", "pl", "tr", "zh", "ja", "ko", "ar", "hi");
    private static final List<String> HELD_OUT = List.of("nl", "cs");

    private final List<Concept> concepts;
    private final List<String> languages;
    private final Map<Concept, RgbImage> pictures;

    private StarterSet(Map<Concept, RgbImage> pictures) {
        this.pictures = Map.copyOf(pictures);
        concepts = List.copyOf(pictures.keySet());
        languages = List.copyOf(new TreeSet<>(concepts.getFirst().labels().keySet()));
    }

    /** Reads the set from the class path, where it always is. */
    public static StarterSet load() {
        Path source = Path.of("starter", "concepts.jsonl");
        Map<Concept, RgbImage> pictures = new LinkedHashMap<>();
        for (CaptionLines.Line line : CaptionLines.parse(resource("concepts.jsonl"), source)) {
            Map<String, String> labels = new HashMap<>();
            line.captions().forEach((language, texts) -> labels.put(language, texts.getFirst()));
            Concept concept = new Concept(line.object().path("id").asText(), line.object().path("emoji").asText(),
                    labels, keywords(line.object().path("keywords")));
            pictures.put(concept, RgbImage.decode(resource(line.file()), "starter/" + line.file()));
        }
        return new StarterSet(pictures);
    }

    /** The 64 concepts, always in the same order. */
    public List<Concept> concepts() {
        return concepts;
    }

    /** Every language there are names in, sorted by tag. */
    public List<String> languages() {
        return languages;
    }

    /** The languages to train with. */
    public List<String> trainedLanguages() {
        return TRAINED;
    }

    /** The languages to ask in after training, never trained with. */
    public List<String> heldOutLanguages() {
        return HELD_OUT;
    }

    /**
     * A concept's name.
     *
     * @param language a tag of {@link #languages}
     * @throws IllegalArgumentException if there are no names in that language
     */
    public String label(Concept concept, String language) {
        String label = concept.labels().get(language);
        if (label == null) {
            throw new IllegalArgumentException("the starter set has no names in language \"%s\"; it has %s"
                    .formatted(language, String.join(" ", languages)));
        }
        return label;
    }

    /**
     * A concept's picture, resized as {@link BatchLoader} does by default.
     *
     * @param side in pixels, ≥ 1; above {@link #STORED_SIDE} it is only enlarged
     * @throws IllegalArgumentException if the concept is not of this set
     */
    public RgbImage picture(Concept concept, int side) {
        RgbImage picture = pictures.get(concept);
        if (picture == null) {
            throw new IllegalArgumentException("concept %s is not of the starter set".formatted(concept.id()));
        }
        return picture.resized(side, side, Resampling.BICUBIC);
    }

    /**
     * The set as captioned pictures, one caption a language.
     *
     * @param languages tags of {@link #languages}
     */
    public List<CaptionedImage> images(List<String> languages) {
        List<CaptionedImage> images = new ArrayList<>();
        for (Concept concept : concepts) {
            Map<String, List<String>> captions = new HashMap<>();
            languages.forEach(language -> captions.put(language, List.of(label(concept, language))));
            RgbImage picture = pictures.get(concept);
            images.add(new CaptionedImage(concept.id(), () -> picture, captions));
        }
        return List.copyOf(images);
    }

    private static Map<String, List<String>> keywords(JsonNode object) {
        Map<String, List<String>> keywords = new HashMap<>();
        for (var entry : object.properties()) {
            List<String> words = new ArrayList<>();
            entry.getValue().forEach(word -> words.add(word.asText()));
            keywords.put(entry.getKey(), List.copyOf(words));
        }
        return keywords;
    }

    private static byte[] resource(String name) {
        try (InputStream stream = StarterSet.class.getResourceAsStream(FOLDER + name)) {
            if (stream == null) {
                throw new DatasetException(Path.of("starter", name), "is missing from the jar; rebuild it");
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the starter set's %s".formatted(name), e);
        }
    }
}
