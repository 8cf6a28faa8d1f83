package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import mezzotint.flow.TimeShift;

/**
 * The {@code scheduler/scheduler_config.json} of a published pipeline.
 *
 * @param trainTimesteps number of times the upstream scheduler counts from 0 to 1, 1000 in every published model
 * @param shift of the sampling grid
 */
public record SchedulerConfig(int trainTimesteps, TimeShift shift) {
    /** What else is in the file has one value, the only one for which static shifting is all there is. */
    private static final Map<String, String> FIXED = Map.of(
            "invert_sigmas", "false",
            "shift_terminal", "null",
            "stochastic_sampling", "false",
            "use_beta_sigmas", "false",
            "use_dynamic_shifting", "false",
            "use_exponential_sigmas", "false",
            "use_karras_sigmas", "false");

    /** Settings of dynamic shifting, which is off: their values do not matter. */
    private static final Set<String> UNUSED =
            Set.of("base_image_seq_len", "base_shift", "max_image_seq_len", "max_shift", "time_shift_type");

    /**
     * Reads the file.
     *
     * @throws ModelFormatException for another scheduler, or a setting that would change its times
     */
    static SchedulerConfig read(Path path) {
        ConfigFile file = ConfigFile.read(path);
        file.className("_class_name", List.of(PipelineIndex.SCHEDULER));
        Set<String> known = new TreeSet<>(FIXED.keySet());
        known.addAll(UNUSED);
        known.addAll(List.of("num_train_timesteps", "shift"));
        file.requireKnownKeys(known);
        FIXED.forEach((key, only) -> {
            JsonNode node = file.json().path(key);
            if (!node.isMissingNode() && !node.asText("null").equals(only)) {
                throw file.wrong(key, only, node);
            }
        });
        return new SchedulerConfig(
                file.positiveInt("num_train_timesteps").orElse(1000),
                new TimeShift(file.positiveFloat("shift").orElse(1f)));
    }

    /** The file's content; diffusers has defaults for the rest. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("_class_name", PipelineIndex.SCHEDULER);
        json.put("num_train_timesteps", trainTimesteps);
        json.put("shift", shift.factor());
        return json;
    }
}
