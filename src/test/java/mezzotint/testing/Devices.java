package mezzotint.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import mezzotint.kernel.DeviceUnavailableException;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cpu.CpuTestKernels;
import mezzotint.kernel.cpu.VectorWidth;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.kernel.cuda.CudaOptions;
import mezzotint.kernel.cuda.CudaOptions.Products;
import mezzotint.ptx.PtxMachine;

/** The kernel set-ups that every property runs on. */
public final class Devices {
    private static final List<Setup> CPU = cpu();
    private static final List<Setup> ALL = Stream.concat(
                    CPU.stream().filter(setup -> isWanted(setup.name())), mirrored().stream())
            .toList();

    private Devices() {}

    /**
     * Kernels to test.
     *
     * @param name for messages
     * @param bits set-ups with the same word here must give the same bits
     * @param kernels the families, for tensors in main memory
     * @param takesBFloat16 whether activations may be BF16
     * @param ordersSumsAlike whether an element of a product is one chain whatever the shape; cuBLAS chooses by shape
     */
    public record Setup(String name, String bits, Kernels kernels, boolean takesBFloat16, boolean ordersSumsAlike) {
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

    /**
     * A CUDA device to open.
     *
     * @param name for messages
     * @param products whose products it takes
     * @param device opens it; the caller closes it
     */
    public record Cuda(String name, Products products, Supplier<CudaDevice> device) {}

    /** The PTX machine, and the GPU where there is one: with our own products, and with cuBLAS's where that is there. */
    public static Stream<Cuda> cuda() {
        Stream<Cuda> machine = Stream.of(new Cuda("PTX machine", Products.OWN, () -> CudaDevice.on(new PtxMachine())));
        Stream<Cuda> gpu = Stream.of(Products.OWN, Products.CUBLAS)
                .filter(Devices::opens)
                .map(products -> new Cuda("GPU with products " + products, products, () -> gpu(products)));
        return Stream.concat(machine, gpu).filter(open -> isWanted(open.name()));
    }

    private static CudaDevice gpu(Products products) {
        return CudaDevice.open(CudaOptions.of(0).withProducts(products));
    }

    private static boolean opens(Products products) {
        try (CudaDevice device = gpu(products)) {
            return true;
        } catch (DeviceUnavailableException e) {
            return false;
        }
    }

    /** With {@code -Dmezzotint.test.devices=GPU} only set-ups whose name begins so. */
    private static boolean isWanted(String name) {
        return name.startsWith(System.getProperty("mezzotint.test.devices", ""));
    }

    /** The machine sees a stray access by itself; on a GPU guard bytes have to. */
    private static List<Setup> mirrored() {
        return cuda().map(open -> {
                    int guard = open.name().startsWith("PTX") ? 0 : 256;
                    Kernels kernels = MirroredKernels.of(open.device().get(), guard);
                    boolean own = open.products() == Products.OWN;
                    return new Setup("CUDA kernels on the " + open.name(), open.name(), kernels, true, own);
                })
                .toList();
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
                        false,
                        true));
            }
        }
        return List.copyOf(setups);
    }
}
