package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.io.Json;
import mezzotint.kernel.Device;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordPieceTokenizerTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("tokenizer.json");
        Json.write(file, WordPieceFile.of(TinyBert.VOCABULARY));
    }

    @Test
    void splitsAsBertDoes() {
        try (var tokenizer = WordPieceTokenizer.open(file, folder.resolve("natives"), 6)) {
            assertArrayEquals(new int[] {2, 3}, tokenizer.ids(""));
            assertArrayEquals(new int[] {2, 8, 9, 14, 3}, tokenizer.ids("  strawberry. "));
            assertArrayEquals(new int[] {2, 10, 1, 3}, tokenizer.ids("Fox Foxxy"));
            assertArrayEquals(new int[] {2, 12, 12, 5, 3}, tokenizer.ids("猫猫a"));
            assertArrayEquals(new int[] {2, 5, 5, 5, 5, 3}, tokenizer.ids("a a a a a a a"));
        }
    }

    @Test
    void unpacksNativeCodeWhereItIsToldAndLeavesNoPropertyBehind() throws Exception {
        Path natives = folder.resolve("natives");
        // A class loader of its own, for native code is unpacked once for each.
        try (URLClassLoader own = loader(true)) {
            Method open = own.loadClass(WordPieceTokenizer.class.getName())
                    .getDeclaredMethod("open", Path.class, Path.class, int.class);
            open.setAccessible(true);
            ((AutoCloseable) open.invoke(null, file, natives, 8)).close();
        }
        if (System.getenv("ENGINE_CACHE_DIR") == null) {
            assertTrue(Files.isDirectory(natives.resolve("tokenizers")));
        }
        assertEquals(null, System.getProperty("ENGINE_CACHE_DIR"));
        assertEquals(null, System.getProperty("RUST_FLAVOR"));
    }

    @Test
    void namesTheMissingLibrary() throws Exception {
        try (URLClassLoader without = loader(false)) {
            Method open = without.loadClass(MultilingualBert.class.getName())
                    .getMethod("open", without.loadClass(Device.class.getName()), Path.class, Path.class, int.class);
            var e = assertThrows(InvocationTargetException.class, () -> open.invoke(null, null, folder, folder, 8));
            assertEquals(
                    MissingLibraryException.class.getName(),
                    e.getCause().getClass().getName());
            assertTrue(
                    e.getCause()
                            .getMessage()
                            .endsWith("Add the dependency ai.djl.huggingface:tokenizers:0.38.0,"
                                    + " or use the text encoder \"bytes\", which needs none."),
                    e.getCause().getMessage());
        }
    }

    @Test
    void theByteEncoderNeedsNoLibrary() throws IOException, ClassNotFoundException {
        try (URLClassLoader without = loader(false)) {
            assertEquals(
                    ByteTextEncoder.class.getName(),
                    Class.forName(ByteTextEncoder.class.getName(), true, without)
                            .getName());
            assertThrows(
                    NoClassDefFoundError.class,
                    () -> Class.forName(WordPieceTokenizer.class.getName(), true, without)
                            .getDeclaredFields());
        }
    }

    /** All of this test's classes anew, with or without the tokenizer's library. */
    private static URLClassLoader loader(boolean withLibrary) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (withLibrary || !entry.contains("tokenizers-")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @Test
    void refusesAVocabularyWithoutSpecialTokens() {
        var e = assertThrows(IllegalArgumentException.class, () -> WordPieceFile.of(List.of("[PAD]", "[UNK]", "a")));
        assertEquals("vocabulary of 3 word pieces: expected [CLS] among them", e.getMessage());
    }
}
