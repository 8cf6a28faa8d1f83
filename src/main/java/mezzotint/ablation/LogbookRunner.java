package mezzotint.ablation;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BooleanSupplier;
import mezzotint.ablation.RunRecord.Failed;
import mezzotint.ablation.RunRecord.Finished;
import mezzotint.ablation.RunRecord.Planned;
import mezzotint.ablation.RunRecord.Provenance;
import mezzotint.training.TrainingConfig;
import mezzotint.training.TrainingConfigFile;

/**
 * Makes the runs of a logbook that are missing, one after the other, in {@code FOLDER/runs/VARIANT-SEED}.
 *
 * <p>A run counts as made when the record holds its end with the configuration it would have now; one whose configuration was
 * edited since is made again, and the old line stays.
 */
public final class LogbookRunner {
    /** Where a logbook's lines are, within its folder. */
    public static final String RECORDS = "runs.jsonl";

    private final Logbook logbook;
    private final Path folder;
    private final RunRecords records;
    private final Setting setting;

    /**
     * Where the runs are made.
     *
     * @param commit see {@link Provenance}
     * @param machine see {@link Provenance}
     * @param clock the time lines are written at
     */
    public record Setting(String commit, String machine, InstantSource clock) {}

    /** Told what goes on. */
    public interface Listener {
        /** A run begins; {@code index} of {@code count} that are missing, from 1. */
        void begins(RunKey key, int index, int count);

        /** A run has ended. */
        void ended(RunRecord record);
    }

    /** @param folder of the logbook's runs; it exists */
    public LogbookRunner(Logbook logbook, Path folder, Setting setting) {
        this.logbook = logbook;
        this.folder = folder;
        this.records = new RunRecords(folder.resolve(RECORDS));
        this.setting = setting;
    }

    /** The runs that the record does not hold yet, in order; failed ones are among them only if {@code failedToo}. */
    public List<RunKey> missing(boolean failedToo) {
        List<RunRecord> all = records.read();
        return logbook.runs().stream()
                .filter(key -> all.stream()
                        .noneMatch(record -> isEnd(record, failedToo)
                                && record.key().equals(key)
                                && record.provenance().configHash().equals(hash(key))))
                .toList();
    }

    private static boolean isEnd(RunRecord record, boolean failedToo) {
        return switch (record) {
            case Planned _ -> false;
            case Finished _ -> true;
            case Failed _ -> !failedToo;
        };
    }

    /**
     * Makes the missing runs.
     *
     * @param stop asked before every run
     * @return number of runs that failed
     */
    public int run(RunExecutor executor, boolean failedToo, BooleanSupplier stop, Listener listener) {
        List<RunKey> missing = missing(failedToo);
        int failures = 0;
        for (int i = 0; i < missing.size() && !stop.getAsBoolean(); i++) {
            RunKey key = missing.get(i);
            Variant variant = logbook.variant(key.variant()).orElseThrow();
            TrainingConfig config = logbook.config(variant, key.seed());
            records.add(new Planned(key, provenance(key, variant), variant.expectation()));
            listener.begins(key, i + 1, missing.size());
            RunRecord end;
            try {
                RunResult result = executor.execute(
                        key, config, logbook.judging(), folder.resolve("runs").resolve(key.toString()));
                end = new Finished(key, provenance(key, variant), result);
            } catch (FailedRunException e) {
                failures++;
                end = new Failed(key, provenance(key, variant), e.getMessage());
            }
            records.add(end);
            listener.ended(end);
        }
        return failures;
    }

    private Provenance provenance(RunKey key, Variant variant) {
        Instant now = setting.clock.instant().truncatedTo(ChronoUnit.SECONDS);
        return new Provenance(setting.commit, hash(key), variant.change(), setting.machine, now.toString());
    }

    private String hash(RunKey key) {
        Variant variant = logbook.variant(key.variant()).orElseThrow();
        String whole = new TrainingConfigFile().write(logbook.config(variant, key.seed())) + "\n" + logbook.judging();
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(whole.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
