package mezzotint.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;

/**
 * A {@code *.safetensors.index.json}: which file beside it holds which tensor.
 *
 * @param path the index
 * @param fileOf file name by tensor, in the order of the index
 * @param metadata the index's own values as text
 */
record ShardIndex(Path path, Map<String, String> fileOf, Map<String, String> metadata) {

    static ShardIndex read(Path path) {
        JsonNode json = Json.readObject(path);
        JsonNode weightMap = json.path("weight_map");
        if (!weightMap.isObject()) {
            throw new MalformedJsonException(
                    path, "weight_map: expected an object of file names, got " + weightMap.getNodeType());
        }
        Map<String, String> fileOf = new LinkedHashMap<>();
        for (var entry : weightMap.properties()) {
            fileOf.put(entry.getKey(), fileName(path, entry.getKey(), entry.getValue()));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (var entry : json.path("metadata").properties()) {
            metadata.put(entry.getKey(), entry.getValue().asText());
        }
        return new ShardIndex(path, fileOf, metadata);
    }

    /** Opens every file once and checks that it holds the tensors the index says, and no others. */
    SafeTensors open(Arena arena) {
        Map<String, SafeTensor> found = new HashMap<>();
        Map<String, String> foundIn = new HashMap<>();
        for (String file : new LinkedHashSet<>(fileOf.values())) {
            Path shard = path.resolveSibling(file);
            if (!Files.exists(shard)) {
                throw new FileReadException(
                        shard,
                        "there is no such file, but " + path.getFileName() + " names it. "
                                + "Fetch the missing part of the checkpoint.");
            }
            SafeTensorsLayout layout = SafeTensorsLayout.of(SafeTensors.map(shard, arena), shard.toString());
            for (SafeTensor tensor : layout.tensors().values()) {
                String before = foundIn.put(tensor.name(), file);
                if (before != null) {
                    throw new InconsistentShardsException(
                            path, "tensor \"%s\" lies in both %s and %s".formatted(tensor.name(), before, file));
                }
                found.put(tensor.name(), tensor);
            }
        }
        return new SafeTensors(path.toString(), ordered(found, foundIn), metadata, arena);
    }

    private Map<String, SafeTensor> ordered(Map<String, SafeTensor> found, Map<String, String> foundIn) {
        Map<String, SafeTensor> tensors = new LinkedHashMap<>();
        fileOf.forEach((name, file) -> {
            String actual = foundIn.get(name);
            if (!file.equals(actual)) {
                throw new InconsistentShardsException(
                        path,
                        "tensor \"%s\" should lie in %s, but %s"
                                .formatted(name, file, actual == null ? "lies in none" : "lies in " + actual));
            }
            tensors.put(name, found.get(name));
        });
        for (String name : foundIn.keySet()) {
            if (!tensors.containsKey(name)) {
                throw new InconsistentShardsException(
                        path, "tensor \"%s\" of %s is not in the index".formatted(name, foundIn.get(name)));
            }
        }
        return tensors;
    }

    /** A downloaded index must not make us open files elsewhere. */
    private static String fileName(Path index, String tensor, JsonNode value) {
        String name = value.asText();
        boolean plain = value.isTextual()
                && name.endsWith(".safetensors")
                && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
        if (!plain) {
            throw new MalformedJsonException(
                    index,
                    "weight_map: expected the name of a safetensors file beside the index for tensor \"%s\", got %s"
                            .formatted(tensor, value));
        }
        return name;
    }
}
