package mezzotint.sampling;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.io.AtomicFolders;
import mezzotint.io.FileWriteException;
import mezzotint.io.Json;
import mezzotint.io.ShardedWriter;
import mezzotint.prx.PrxConfigJson;
import mezzotint.sampling.PipelineIndex.TextTower;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * Writes pipelines in the published layout, with a denoiser of one's own.
 *
 * <p>Of the two forms upstream has for a T5Gemma pipeline the one that loads there again is written: library {@code prx} in
 * the index, and the encoder's configuration as a section of a full one.
 */
public final class PublishedFolderWriter {
    private PublishedFolderWriter() {}

    /**
     * Writes a folder, whole or not at all.
     *
     * @param target to write or replace
     * @param source of everything but the denoiser's weights
     * @param denoiser weights by the names of diffusers
     * @param dtype F32, F16 or BF16
     * @param maxFileBytes the denoiser's weights go into several files with an index above it
     * @throws FileWriteException where the file system refuses
     */
    public static void write(
            Path target, PublishedFolder source, Map<String, Tensor> denoiser, DType dtype, long maxFileBytes) {
        AtomicFolders.write(target, partial -> {
            copy(source.tokenizerFolder(), partial.resolve("tokenizer"));
            copy(source.textEncoderFolder(), partial.resolve("text_encoder"));
            copy(source.path().resolve("scheduler"), partial.resolve("scheduler"));
            source.autoencoderFolder().ifPresent(vae -> copy(vae, partial.resolve("vae")));
            writeDenoiser(partial.resolve("transformer"), source, denoiser, dtype, maxFileBytes);
            if (source.index().text() == TextTower.T5_GEMMA) {
                writeFullConfiguration(partial.resolve("text_encoder/config.json"));
            }
            writeIndex(partial.resolve(ModelFolder.INDEX), source);
        });
    }

    private static void writeDenoiser(
            Path folder, PublishedFolder source, Map<String, Tensor> denoiser, DType dtype, long maxFileBytes) {
        AtomicFolders.make(folder);
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.put("_class_name", PipelineIndex.TRANSFORMER);
        config.setAll(PrxConfigJson.write(source.transformer()));
        Json.write(folder.resolve("config.json"), config);
        ShardedWriter writer = new ShardedWriter("diffusion_pytorch_model", maxFileBytes);
        denoiser.forEach((name, tensor) -> writer.add(name, dtype, tensor.shape(), tensor::toFloats));
        writer.write(folder);
    }

    private static void writeFullConfiguration(Path path) {
        ObjectNode config = (ObjectNode) Json.readObject(path);
        if (config.path("encoder").isObject()) {
            return;
        }
        ObjectNode full = JsonNodeFactory.instance.objectNode();
        full.putArray("architectures").add(TextTower.T5_GEMMA.className());
        full.put("is_encoder_decoder", false);
        full.put("model_type", "t5gemma");
        for (String key : List.of("vocab_size", "pad_token_id", "bos_token_id", "eos_token_id", "dtype")) {
            if (config.has(key)) {
                full.set(key, config.get(key));
            }
        }
        full.set("encoder", config);
        Json.write(path, full);
    }

    private static void writeIndex(Path path, PublishedFolder source) {
        ObjectNode index = (ObjectNode) Json.readObject(source.path().resolve(ModelFolder.INDEX));
        TextTower text = source.index().text();
        index.putArray("text_encoder").add(text.library()).add(text.className());
        Json.write(path, index);
    }

    private static void copy(Path from, Path to) {
        AtomicFolders.make(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw FileWriteException.of(to, e);
        }
    }
}
