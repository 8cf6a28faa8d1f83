package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mezzotint.io.Json;
import mezzotint.kernel.Device;
import mezzotint.tensor.DType;
import mezzotint.text.TextTower;

/** Text encoders: embeddings, states after every layer and final states, in every way they were recorded. */
final class TextChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS =
            Map.of("text_t5gemma", TextChecks::tower, "text_qwen3vl", TextChecks::tower);

    private static final double FORWARD_TOLERANCE = 1e-5;

    private TextChecks() {}

    private static void tower(GoldenCase golden, Device device) {
        List<int[]> ids = rows(golden.tensor("in.input_ids").toLongs(), golden, "in.input_ids");
        List<boolean[]> masks = rows(golden.tensor("in.attention_mask").toLongs(), golden, "in.attention_mask").stream()
                .map(TextChecks::mask)
                .toList();
        Map<String, TextTower.Options> runs = Map.of(
                "sdpa.", TextTower.Options.DEFAULT,
                "eager.", new TextTower.Options(0, Optional.empty(), true),
                "bf16.", new TextTower.Options(Long.MAX_VALUE, Optional.of(DType.BF16), false));
        runs.forEach((run, options) -> {
            if (golden.has(run + "last_hidden_state")) {
                run(golden, device, run, options, new Batch(ids, masks));
            }
        });
        if (golden.has("sdpa.nomask.last_hidden_state")) {
            List<boolean[]> all = ids.stream().map(row -> unpadded(golden, row)).toList();
            run(golden, device, "sdpa.nomask.", new TextTower.Options(0, Optional.empty(), false), new Batch(ids, all));
        }
    }

    /** What is taken for real without a mask: in T5Gemma what is no padding, in Qwen3-VL everything. */
    private static boolean[] unpadded(GoldenCase golden, int[] ids) {
        JsonNode config = Json.readObject(golden.folder().resolve("text_encoder").resolve("config.json"));
        boolean skipsPadding = config.path("model_type").asText().startsWith("t5");
        boolean[] mask = new boolean[ids.length];
        for (int t = 0; t < mask.length; t++) {
            mask[t] = !skipsPadding || ids[t] != config.path("pad_token_id").asInt();
        }
        return mask;
    }

    private record Batch(List<int[]> ids, List<boolean[]> masks) {}

    private static void run(GoldenCase golden, Device device, String run, TextTower.Options options, Batch batch) {
        try (TextTower tower = TextTower.open(device, golden.folder().resolve("text_encoder"), options)) {
            float[] last = tower.run(batch.ids(), batch.masks(), (layer, states) -> {
                String name = run + (layer < 0 ? "embeds" : "layer." + layer);
                if (golden.has(name)) {
                    compare(golden, name, states.toFloats(), batch.masks());
                }
            });
            compare(golden, run + "last_hidden_state", last, batch.masks());
            golden.compare(run + "finite", isFinite(last) ? 1 : 0, 1, 0);
        }
    }

    /** Compares real tokens: what stands at padding is masked later. */
    private static void compare(GoldenCase golden, String name, float[] actual, List<boolean[]> masks) {
        float[] expected = golden.floats(name);
        int width = golden.tensor(name).shape().size(2);
        golden.compare(
                name,
                real(actual, masks, width),
                real(expected, masks, width),
                golden.tolerance(name + " (real tokens)", FORWARD_TOLERANCE));
    }

    private static float[] real(float[] states, List<boolean[]> masks, int width) {
        List<Integer> rows = new ArrayList<>();
        int at = 0;
        for (boolean[] mask : masks) {
            for (boolean real : mask) {
                if (real) {
                    rows.add(at);
                }
                at += width;
            }
        }
        if (states.length != at) {
            return new float[0]; // a wrong length never passes
        }
        float[] kept = new float[rows.size() * width];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(states, rows.get(i), kept, i * width, width);
        }
        return kept;
    }

    private static boolean isFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private static List<int[]> rows(long[] values, GoldenCase golden, String name) {
        int columns = golden.tensor(name).shape().size(1);
        List<int[]> rows = new ArrayList<>();
        for (int from = 0; from < values.length; from += columns) {
            rows.add(Arrays.stream(values, from, from + columns)
                    .mapToInt(Math::toIntExact)
                    .toArray());
        }
        return rows;
    }

    private static boolean[] mask(int[] row) {
        boolean[] mask = new boolean[row.length];
        for (int t = 0; t < mask.length; t++) {
            mask[t] = row[t] != 0;
        }
        return mask;
    }
}
