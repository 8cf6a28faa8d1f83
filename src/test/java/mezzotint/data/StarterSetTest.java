package mezzotint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class StarterSetTest {
    private static final Path FOLDER = Path.of("src/main/resources/mezzotint/starter");
    private static final StarterSet SET = StarterSet.load();

    @TempDir
    Path made;

    @Test
    void has64ConceptsInManyLanguages() {
        assertEquals(64, SET.concepts().size());
        assertTrue(SET.languages().size() >= 28);
        assertTrue(SET.trainedLanguages().size() >= 13);
        assertTrue(SET.heldOutLanguages().size() >= 2);
        for (Concept concept : SET.concepts()) {
            assertEquals(SET.languages(), List.copyOf(concept.labels().keySet()), concept.emoji());
        }
        assertEquals("strawberry", SET.label(SET.concepts().getFirst(), "en"));
        assertEquals("草莓", SET.label(SET.concepts().getFirst(), "zh"));
    }

    @Test
    void trainsAndHoldsOutDifferentLanguages() {
        assertTrue(SET.languages().containsAll(SET.trainedLanguages()));
        assertTrue(SET.languages().containsAll(SET.heldOutLanguages()));
        assertFalse(SET.trainedLanguages().stream().anyMatch(SET.heldOutLanguages()::contains));
    }

    /** A prompt carries no language tag, so a name may stand for one concept only, whatever the language. */
    @Test
    void noNameMeansTwoConcepts() {
        Map<String, Concept> owners = new HashMap<>();
        for (Concept concept : SET.concepts()) {
            for (String language : SET.languages()) {
                String name = SET.label(concept, language).toLowerCase(Locale.ROOT);
                Concept owner = owners.putIfAbsent(name, concept);
                assertTrue(owner == null || owner.equals(concept), language + ": " + name);
            }
        }
    }

    @Test
    void picturesAreAllDifferent() {
        List<RgbImage> pictures =
                SET.concepts().stream().map(c -> SET.picture(c, 64)).toList();
        assertEquals(64, pictures.stream().distinct().count());
        double nearest = Double.MAX_VALUE;
        for (int i = 0; i < 64; i++) {
            for (int j = 0; j < i; j++) {
                nearest = Math.min(nearest, distance(SET.concepts().get(i), SET.concepts().get(j)));
            }
        }
        // root mean square in [−1, 1] at 16 px; a picture that is off by less than half of it is still told apart
        assertTrue(nearest > 0.2, "nearest pair " + nearest);
    }

    private static double distance(Concept one, Concept other) {
        float[] a = SET.picture(one, 16).toSignedFloats();
        float[] b = SET.picture(other, 16).toSignedFloats();
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow(a[i] - b[i], 2);
        }
        return Math.sqrt(sum / a.length);
    }

    @Test
    void picturesStandOnWhite() {
        for (Concept concept : SET.concepts()) {
            assertEquals(0xffffff, SET.picture(concept, 64).pixel(0, 0), concept.emoji());
        }
    }

    @Test
    void givesImagesInTheWantedLanguagesOnly() {
        CaptionedImage strawberry = SET.images(List.of("de", "en")).getFirst();
        assertEquals(Map.of("de", List.of("Erdbeere"), "en", List.of("strawberry")), strawberry.captions());
        assertEquals(SET.picture(SET.concepts().getFirst(), 64), strawberry.picture().load());
    }

    @Test
    void refusesUnknownLanguages() {
        var e = assertThrows(IllegalArgumentException.class, () -> SET.images(List.of("tlh")));
        assertTrue(e.getMessage().contains("no names in language \"tlh\"; it has ar bg"), e.getMessage());
    }

    @Test
    void readsAsAFolderToo() {
        List<CaptionedImage> images = ImageFolder.read(FOLDER);
        assertEquals(64, images.size());
        assertEquals(List.of("strawberry"), images.getFirst().captions().get("en"));
    }

    @Test
    void isSmallAndAsItsMakerMadeIt() throws Exception {
        long bytes = 0;
        for (Path file : files(FOLDER)) {
            bytes += Files.size(file);
        }
        assertTrue(bytes < 2_000_000, bytes + " bytes");
        assertEquals("697c0d1be756e6e6e77db3e9ae6b0de4bf59555a11b4e2475abf4ca0ab6c27a4", hash(FOLDER));
    }

    /** Run with {@code -Dmezzotint.packages=} a folder with the packages. */
    @Test
    @EnabledIfSystemProperty(named = "mezzotint.packages", matches = ".+")
    void isRebuiltToTheBit() throws Exception {
        StarterSetMaker.make(Path.of(System.getProperty("mezzotint.packages")), made);
        for (Path file : files(made)) {
            assertArrayEquals(Files.readAllBytes(FOLDER.resolve(made.relativize(file))), Files.readAllBytes(file));
        }
        assertEquals(hash(FOLDER), hash(made));
    }

    /** SHA-256 over the names and bytes of all that the maker makes. */
    private static String hash(Path folder) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Path file : files(folder)) {
            String name = folder.relativize(file).toString().replace('\\', '/');
            if (!name.equals("NOTICE.txt") && !name.equals("LICENSE-Apache-2.0.txt")) {
                digest.update(name.getBytes("UTF-8"));
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
