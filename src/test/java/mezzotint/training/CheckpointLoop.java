package mezzotint.training;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import mezzotint.data.BatchLoader;
import mezzotint.io.AtomicFolders;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * A process that does nothing but go on from the newest checkpoint of a run and write the next ones, to be killed. A checkpoint's
 * tensors are functions of its step, so that what is read back can be told from what belongs to another step.
 */
public final class CheckpointLoop {
    private static final int ELEMENTS = 20_000; // several writes a file
    private static final List<String> FILES = List.of(Checkpoint.WEIGHTS, Checkpoint.AVERAGE, Checkpoint.OPTIMIZER);

    private CheckpointLoop() {}

    /** Runs until it is killed; says {@code resumed N}, then {@code saved N} after each checkpoint. */
    public static void main(String[] arguments) {
        Path run = Path.of(arguments[0]);
        long step = TrainingRuns.hasCheckpoint(run) ? resumed(TrainingRuns.newestCheckpoint(run)) : 0;
        say("resumed", step);
        while (true) {
            step++;
            save(run, step);
            say("saved", step);
        }
    }

    private static void say(String word, long step) {
        System.out.println(word + " " + step);
        System.out.flush();
    }

    private static void save(Path run, long step) {
        TrainingRuns.save(run, step, 2, folder -> {
            AtomicFolders.make(folder.resolve("training"));
            for (String file : FILES) {
                new SafeTensorsWriter()
                        .add("x", DType.F32, Shape.of(ELEMENTS), values(step, file))
                        .write(folder.resolve(file));
            }
            var counters = new Checkpoint.Counters(step, step, 0, true, LossByTime.State.EMPTY);
            new Checkpoint("{}", counters, new BatchLoader.State(1, 2, 0, 0, step)).write(folder);
        });
    }

    private static long resumed(Path checkpoint) {
        long step = Checkpoint.read(checkpoint).step();
        for (String file : FILES) {
            try (SafeTensors tensors = SafeTensors.open(checkpoint.resolve(file))) {
                if (!Arrays.equals(values(step, file), tensors.get("x").toFloats())) {
                    throw new IllegalStateException(file + " is not that of step " + step);
                }
            }
        }
        return step;
    }

    private static float[] values(long step, String file) {
        float[] values = new float[ELEMENTS];
        for (int i = 0; i < values.length; i++) {
            values[i] = step * 1000 + i % 997 + file.length();
        }
        return values;
    }
}
