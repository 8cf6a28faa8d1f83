package mezzotint.evaluation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import mezzotint.io.AtomicFolders;
import mezzotint.io.FileReadException;
import mezzotint.io.FolderManifest;
import mezzotint.io.MalformedSafeTensorsException;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * Features on the disk, a file for each question that was asked: its name is the SHA-256 of everything that decides the answer.
 * A file that is not what was written is asked for again.
 *
 * @param folder made when it is first written to; deleting it costs time and nothing else
 */
public record FeatureCache(Path folder) {
    private static final String TENSOR = "features";
    private static final String QUESTION = "question";
    private static final String DIGEST = "sha256";

    /** The answer to a question, if it has been asked before. */
    public Optional<Features> find(String question) {
        Path file = file(question);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (SafeTensors stored = SafeTensors.open(file)) {
            Optional<SafeTensor> tensor = stored.find(TENSOR);
            if (tensor.isEmpty()
                    || tensor.get().shape().rank() != 2
                    || tensor.get().dtype() != DType.F32
                    || !question.equals(stored.metadata().get(QUESTION))) {
                return Optional.empty();
            }
            float[] values = tensor.get().toFloats();
            return digest(values).equals(stored.metadata().get(DIGEST))
                    ? Optional.of(new Features(
                            tensor.get().shape().size(0), tensor.get().shape().size(1), values))
                    : Optional.empty();
        } catch (MalformedSafeTensorsException | FileReadException e) {
            return Optional.empty();
        }
    }

    /**
     * Keeps an answer.
     *
     * @throws mezzotint.io.FileWriteException where the file system refuses
     */
    public void keep(String question, Features answer) {
        AtomicFolders.make(folder);
        new SafeTensorsWriter(Map.of(QUESTION, question, DIGEST, digest(answer.values())))
                .add(TENSOR, DType.F32, Shape.of(answer.rows(), answer.width()), answer.values())
                .write(file(question));
    }

    private Path file(String question) {
        byte[] hash = FolderManifest.digest().digest(question.getBytes(StandardCharsets.UTF_8));
        return folder.resolve(HexFormat.of().formatHex(hash) + ".safetensors");
    }

    private static String digest(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return HexFormat.of().formatHex(FolderManifest.digest().digest(bytes.array()));
    }
}
