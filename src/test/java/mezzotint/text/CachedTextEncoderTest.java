package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import mezzotint.kernel.Device;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.TestDevice;
import mezzotint.text.cleaning.PromptCleaner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedTextEncoderTest {
    private static final Path QWEN = Path.of("src/test/resources/golden/tokenizer_qwen_style/tokenizer");

    @TempDir
    static Path natives;

    @TempDir
    Path folder;

    private final CountingDevice device = new CountingDevice();
    private Path tower;

    /** Counts arenas: a network that runs takes memory. */
    private static final class CountingDevice implements Device {
        private final TestDevice device = new TestDevice();
        private int arenas;

        @Override
        public Kernels kernels() {
            return device.kernels();
        }

        @Override
        public TensorArena arena(long bytes) {
            arenas++;
            return device.arena(bytes);
        }

        @Override
        public void synchronize() {}

        @Override
        public void close() {}
    }

    @BeforeEach
    void write() {
        tower = TinyTower.qwen(709).write(folder.resolve("tower"));
    }

    private CachedTextEncoder open(PromptCleaner cleaner, int tokens) {
        var setup = new PublishedTextEncoder.Setup(cleaner, OptionalInt.of(tokens), natives, TextTower.Options.DEFAULT);
        return new CachedTextEncoder(PublishedTextEncoder.open(device, tower, QWEN, setup), folder.resolve("cache"));
    }

    private float[] encode(String prompt) {
        return encode(prompt, PromptCleaner.BASIC, 12);
    }

    private float[] encode(String prompt, PromptCleaner cleaner, int tokens) {
        try (CachedTextEncoder encoder = open(cleaner, tokens)) {
            return encoder.states(List.of(prompt)).getFirst();
        }
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .toList();
        }
    }

    @Test
    void aKnownPromptNeedsNoNetwork() {
        float[] first = encode("a red fox");
        int used = device.arenas;
        assertTrue(used > 0);
        assertArrayEquals(first, encode("a red fox"));
        assertEquals(used, device.arenas);
        encode("a blue fox");
        assertNotEquals(used, device.arenas);
    }

    @Test
    void knownAndUnknownPromptsComeInTheirOrder() {
        float[] fox = encode("a red fox");
        try (CachedTextEncoder encoder = open(PromptCleaner.BASIC, 12)) {
            List<float[]> states = encoder.states(List.of("snow", "a red fox", "snow", ""));
            assertArrayEquals(fox, states.get(1));
            assertArrayEquals(states.get(0), states.get(2));
            assertEquals(0, states.get(3).length);
            assertEquals(0, encoder.states(List.of("")).getFirst().length);
            assertEquals("qwen3-vl-16", encoder.name());
            assertEquals(16, encoder.width());
            assertEquals(12, encoder.maxTokens());
        }
    }

    @Test
    void whateverStatesDependOnMakesAnotherEntry() throws IOException {
        float[] first = encode("A red fox");
        encode("A red fox", PromptCleaner.FULL, 12);
        encode("A red fox", PromptCleaner.BASIC, 13);
        encode("a red fox");
        assertEquals(4, entries().size());
        TinyTower other = TinyTower.qwen(709);
        other.values.get("layers.1.mlp.down_proj.weight")[200] += 0.5f;
        other.write(folder.resolve("tower"));
        assertFalse(Arrays.equals(first, encode("A red fox")));
        assertEquals(5, entries().size());
    }

    /** Any byte may be damaged: what is read is then computed again, and the entry replaced. */
    @Test
    void aDamagedEntryIsComputedAgain() throws IOException {
        float[] whole = encode("a red fox");
        Path entry = entries().getFirst();
        byte[] bytes = Files.readAllBytes(entry);
        List<byte[]> damaged = new ArrayList<>();
        for (int at : new int[] {0, 3, 9, 40, bytes.length / 2, bytes.length - 40, bytes.length - 1}) {
            byte[] changed = bytes.clone();
            changed[at] ^= 0x10;
            damaged.add(changed);
        }
        damaged.add(new byte[0]);
        damaged.add(Arrays.copyOf(bytes, bytes.length - 1));
        damaged.add(Arrays.copyOf(bytes, bytes.length + 1));
        for (byte[] changed : damaged) {
            Files.write(entry, changed);
            int used = device.arenas;
            assertArrayEquals(whole, encode("a red fox"));
            assertNotEquals(used, device.arenas);
            assertArrayEquals(bytes, Files.readAllBytes(entry));
        }
    }

    @Test
    void anEntryUnderAnotherPromptsNameIsNotBelieved() throws IOException {
        float[] fox = encode("a red fox");
        Path entry = entries().getFirst();
        float[] snow = encode("snow");
        Path other = entries().stream()
                .filter(file -> !file.equals(entry))
                .findFirst()
                .orElseThrow();
        Files.copy(other, entry, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertArrayEquals(fox, encode("a red fox"));
        assertArrayEquals(snow, encode("snow"));
    }

    @Test
    void halvesOfSurrogatePairsAreToldApart() throws IOException {
        encode("\ud83e");
        encode("?");
        encode("\udd8a");
        assertEquals(3, entries().size());
    }

    @Test
    void filesAreReadOnceWhileTheyStay() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "abc");
        FileDigests digests = new FileDigests(folder.resolve("digests"));
        String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertEquals(abc, digests.of(file));
        try (Stream<Path> kept = Files.list(folder.resolve("digests"))) {
            Path one = kept.findFirst().orElseThrow();
            Files.writeString(one, "0".repeat(64));
            assertEquals("0".repeat(64), digests.of(file)); // looked up
            Files.writeString(one, "short");
            assertEquals(abc, digests.of(file));
        }
        Files.writeString(file, "abd");
        assertNotEquals(abc, digests.of(file));
    }
}
