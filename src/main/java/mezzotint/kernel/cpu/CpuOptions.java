package mezzotint.kernel.cpu;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How a {@link CpuDevice} is to run.
 *
 * @param threads number of workers, the caller included, at least 1
 * @param choice loops and products, by name
 */
public record CpuOptions(int threads, Choice choice) {

    /** What the loops and the matrix products are made of. */
    public enum Choice {
        /** The fastest float32 kernels in Java that this JVM and machine have. */
        BEST("best"),
        /** Java with 16 floats a vector (AVX-512). */
        VECTOR_512("vector512"),
        /** Java with 8 floats a vector (AVX2). */
        VECTOR_256("vector256"),
        /** Ordinary Java loops. */
        PLAIN("plain"),
        /** Matrix products by oneDNN in float32; all else as BEST. */
        ONEDNN("onednn"),
        /** Matrix products by oneDNN of inputs rounded to bfloat16, summed in float32; all else as BEST. */
        ONEDNN_BF16("onednn-bf16");

        private final String label;

        Choice(String label) {
            this.label = label;
        }

        /** The name to ask for it by. */
        public String label() {
            return label;
        }
    }

    /**
     * @throws IllegalArgumentException when {@code threads} is not positive
     */
    public CpuOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: expected at least 1, got " + threads);
        }
    }

    /** One worker per processor, the best kernels. */
    public static CpuOptions best() {
        return new CpuOptions(Runtime.getRuntime().availableProcessors(), Choice.BEST);
    }

    /**
     * One worker per processor and the choice of this name.
     *
     * @param name a {@link Choice#label}
     * @throws IllegalArgumentException when there is no such name
     */
    public static CpuOptions parse(String name) {
        for (Choice choice : Choice.values()) {
            if (choice.label.equals(name)) {
                return best().withChoice(choice);
            }
        }
        String known = Arrays.stream(Choice.values()).map(Choice::label).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("cpu kernels: expected one of %s, got '%s'".formatted(known, name));
    }

    /** The same on another number of workers. */
    public CpuOptions withThreads(int count) {
        return new CpuOptions(count, choice);
    }

    /** The same with other kernels. */
    public CpuOptions withChoice(Choice other) {
        return new CpuOptions(threads, other);
    }

    /** The name after {@code --device}. */
    String deviceName() {
        return choice == Choice.BEST ? "cpu" : "cpu:" + choice.label;
    }
}
