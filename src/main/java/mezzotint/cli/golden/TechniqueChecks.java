package mezzotint.cli.golden;

import java.util.HashMap;
import java.util.Map;

/** Training techniques. */
final class TechniqueChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = kinds();

    private TechniqueChecks() {}

    private static Map<String, GoldenCheck> kinds() {
        Map<String, GoldenCheck> kinds = new HashMap<>(RoutingChecks.KINDS);
        kinds.putAll(AlignmentChecks.KINDS);
        kinds.putAll(LossTermChecks.KINDS);
        kinds.put("train_muon", new MuonCheck());
        kinds.put("train_pixel_losses", new PixelLossCheck());
        return Map.copyOf(kinds);
    }
}
