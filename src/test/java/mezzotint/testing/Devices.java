package mezzotint.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cpu.CpuTestKernels;
import mezzotint.kernel.cpu.VectorWidth;

/** The kernel set-ups that every property runs on. */
public final class Devices {
    private static final List<Setup> CPU = cpu();
    private static final List<Setup> ALL =
            Stream.concat(CPU.stream(), cuda().stream()).toList();

    private Devices() {}

    /**
     * Kernels to test.
     *
     * @param name for messages
     * @param bits set-ups with the same word here must give the same bits
     * @param kernels the families, for tensors in main memory
     * @param takesBFloat16 whether activations may be BF16
     */
    public record Setup(String name, String bits, Kernels kernels, boolean takesBFloat16) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Plain loops and every vector width of this machine, on 1, 2 and 3 threads each; the CUDA kernels on the PTX machine; and
     * on the GPU, where there is one.
     */
    public static List<Setup> all() {
        return ALL;
    }

    /** Those whose kernels take BF16 activations. */
    public static List<Setup> withBFloat16() {
        return ALL.stream().filter(Setup::takesBFloat16).toList();
    }

    /** The widest set-up of the CPU on 2 threads, where one is enough. */
    public static Setup one() {
        return CPU.get(CPU.size() - 2);
    }

    /** The vector width of this machine: that of {@code FloatVector.SPECIES_PREFERRED}. */
    public static VectorWidth machineWidth() {
        return switch (FloatVector.SPECIES_PREFERRED.length()) {
            case 8 -> VectorWidth.BITS_256;
            case 16 -> VectorWidth.BITS_512;
            default -> VectorWidth.PLAIN;
        };
    }

    private static List<Setup> cuda() {
        return List.of();
    }

    private static List<Setup> cpu() {
        List<VectorWidth> widths = Arrays.stream(VectorWidth.values())
                .filter(width -> width.floats() <= machineWidth().floats())
                .toList();
        List<Setup> setups = new ArrayList<>();
        for (VectorWidth width : widths) {
            for (int threads = 1; threads <= 3; threads++) {
                setups.add(new Setup(
                        "CPU %s on %d threads".formatted(width, threads),
                        "CPU " + width,
                        new CpuTestKernels(width, threads),
                        false));
            }
        }
        return List.copyOf(setups);
    }
}
