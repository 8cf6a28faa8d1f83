package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import mezzotint.io.Json;
import mezzotint.io.SafeTensors;

/** The files of a model, by their path within it; {@code toString} says where they are. */
sealed interface ModelFiles {
    /** The JSON object of that path. */
    JsonNode json(String path);

    /** The tensors of that path; the caller closes them. */
    SafeTensors tensors(String path);

    /** The folder of that path, if there is one with a {@code config.json}. */
    default Optional<Path> folder(String path) {
        return Optional.empty();
    }

    /** Files of a folder. */
    record Folder(Path folder) implements ModelFiles {
        public Folder {
            if (!Files.isRegularFile(folder.resolve(ModelFolder.INDEX))) {
                throw new ModelFormatException(
                        "%s is no model folder: it has no %s".formatted(folder, ModelFolder.INDEX));
            }
        }

        @Override
        public JsonNode json(String path) {
            return Json.readObject(folder.resolve(path));
        }

        @Override
        public SafeTensors tensors(String path) {
            return SafeTensors.open(folder.resolve(path));
        }

        @Override
        public Optional<Path> folder(String path) {
            return Optional.of(folder.resolve(path)).filter(at -> Files.isRegularFile(at.resolve("config.json")));
        }

        @Override
        public String toString() {
            return folder.toString();
        }
    }

    /**
     * Files on the class path, such as the model that ships with the library.
     *
     * @param base absolute path of the model's files, ending in a slash
     */
    record Resources(String base) implements ModelFiles {
        @Override
        public JsonNode json(String path) {
            try (InputStream in = open(path)) {
                return new ObjectMapper().readTree(in);
            } catch (IOException e) {
                throw new UncheckedIOException("resource " + base + path, e);
            }
        }

        @Override
        public SafeTensors tensors(String path) {
            try (InputStream in = open(path)) {
                byte[] bytes = in.readAllBytes();
                MemorySegment segment = Arena.ofAuto().allocate(bytes.length, 8);
                segment.copyFrom(MemorySegment.ofArray(bytes));
                return SafeTensors.of(segment, base + path);
            } catch (IOException e) {
                throw new UncheckedIOException("resource " + base + path, e);
            }
        }

        private InputStream open(String path) {
            InputStream in = ModelFiles.class.getResourceAsStream(base + path);
            if (in == null) {
                throw new ModelFormatException("no model is on the class path at " + base + path);
            }
            return in;
        }

        @Override
        public String toString() {
            return "the built-in model";
        }
    }
}
