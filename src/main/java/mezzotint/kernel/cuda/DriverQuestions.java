package mezzotint.kernel.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import mezzotint.kernel.cuda.CudaDetection.Check;
import mezzotint.kernel.cuda.CudaDetection.Failed;
import mezzotint.kernel.cuda.CudaDetection.Gpu;
import mezzotint.kernel.cuda.CudaDetection.Outcome;
import mezzotint.kernel.cuda.CudaDetection.Passed;
import mezzotint.kernel.cuda.CudaDetection.Step;

/**
 * The questions that the driver's library answers without JCuda: whose loading fails for ever in a process where the driver
 * is missing.
 */
final class DriverQuestions {
    private static final int NAME_BYTES = 256;
    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    private static final int STUB_LIBRARY = 34;
    private static final int NO_DEVICE = 100;
    private static final int DRIVER_MISMATCH = 803;
    private static final int NOT_COMPATIBLE = 804;
    private static final List<String> FUNCTIONS = List.of(
            "cuInit",
            "cuDriverGetVersion",
            "cuDeviceGetCount",
            "cuDeviceGet",
            "cuDeviceGetName",
            "cuDeviceGetAttribute",
            "cuDeviceTotalMem_v2",
            "cuGetErrorName",
            "cuGetErrorString");
    private static final String UPDATE_DRIVER = "install NVIDIA's driver 525 or newer";

    private final SymbolLookup library;
    private final Arena arena;

    private DriverQuestions(SymbolLookup library, Arena arena) {
        this.library = library;
        this.arena = arena;
    }

    /** Adds a step for each answer and every GPU; true when nothing failed. */
    static boolean ask(String libraryName, List<Step> steps, List<Gpu> gpus) {
        SymbolLookup library;
        try {
            // Global: the driver starts threads of its own and must not be unloaded.
            library = libraryName.contains("/")
                    ? SymbolLookup.libraryLookup(Path.of(libraryName), Arena.global())
                    : SymbolLookup.libraryLookup(libraryName, Arena.global());
        } catch (IllegalArgumentException e) {
            return add(steps, Check.DRIVER_LIBRARY, new Failed(libraryName + " cannot be loaded", UPDATE_DRIVER));
        } catch (IllegalCallerException e) {
            return add(
                    steps,
                    Check.DRIVER_LIBRARY,
                    new Failed("Java may not call native code", "start java with --enable-native-access=ALL-UNNAMED"));
        }
        for (String function : FUNCTIONS) {
            if (library.find(function).isEmpty()) {
                return add(steps, Check.DRIVER_LIBRARY, new Failed(libraryName + " has no " + function, UPDATE_DRIVER));
            }
        }
        add(steps, Check.DRIVER_LIBRARY, new Passed(libraryName));
        try (Arena arena = Arena.ofConfined()) {
            DriverQuestions questions = new DriverQuestions(library, arena);
            return add(steps, Check.INITIALISATION, questions.initialise())
                    && add(steps, Check.DRIVER_VERSION, questions.version())
                    && add(steps, Check.GPUS, questions.list(gpus))
                    && add(steps, Check.COMPUTE_CAPABILITY, newest(gpus));
        }
    }

    private static boolean add(List<Step> steps, Check check, Outcome outcome) {
        steps.add(new Step(check, outcome));
        return outcome instanceof Passed;
    }

    private Outcome initialise() {
        int status = call("cuInit", 0);
        return status == 0 ? new Passed("cuInit succeeds") : new Failed("cuInit: " + word(status), remedy(status));
    }

    private static String remedy(int status) {
        return switch (status) {
            case NO_DEVICE ->
                "there is no GPU that the driver may use: look at nvidia-smi and CUDA_VISIBLE_DEVICES, and start a"
                        + " container with --gpus all";
            case STUB_LIBRARY -> "take the toolkit's folder of stubs out of LD_LIBRARY_PATH";
            case DRIVER_MISMATCH, NOT_COMPATIBLE ->
                "the driver's library and its kernel module are not of one version: restart the machine, or install the"
                        + " driver anew";
            default -> "look at what nvidia-smi says";
        };
    }

    private Outcome version() {
        MemorySegment version = arena.allocate(JAVA_INT);
        int status = call("cuDriverGetVersion", version);
        if (status != 0) {
            return new Failed("cuDriverGetVersion: " + word(status), UPDATE_DRIVER);
        }
        int number = version.get(JAVA_INT, 0);
        String found = "CUDA %d.%d".formatted(number / 1000, number % 1000 / 10);
        return number >= CudaDetection.OLDEST_DRIVER
                ? new Passed(found)
                : new Failed(found + ", and 12.0 is the oldest that runs these kernels", UPDATE_DRIVER);
    }

    private Outcome list(List<Gpu> gpus) {
        MemorySegment count = arena.allocate(JAVA_INT);
        int status = call("cuDeviceGetCount", count);
        for (int i = 0; status == 0 && i < count.get(JAVA_INT, 0); i++) {
            status = add(gpus, i);
        }
        if (status != 0) {
            return new Failed("the GPUs cannot be listed: " + word(status), remedy(status));
        }
        if (gpus.isEmpty()) {
            return new Failed("there is no GPU", remedy(NO_DEVICE));
        }
        return new Passed(String.join(
                "; ", gpus.stream().map(gpu -> gpu.index() + ": " + gpu).toList()));
    }

    private int add(List<Gpu> gpus, int index) {
        MemorySegment device = arena.allocate(JAVA_INT);
        MemorySegment name = arena.allocate(NAME_BYTES);
        MemorySegment major = arena.allocate(JAVA_INT);
        MemorySegment minor = arena.allocate(JAVA_INT);
        MemorySegment bytes = arena.allocate(JAVA_LONG);
        int status = call("cuDeviceGet", device, index);
        int handle = device.get(JAVA_INT, 0);
        status = status != 0 ? status : call("cuDeviceGetName", name, NAME_BYTES, handle);
        status = status != 0 ? status : call("cuDeviceGetAttribute", major, CAPABILITY_MAJOR, handle);
        status = status != 0 ? status : call("cuDeviceGetAttribute", minor, CAPABILITY_MINOR, handle);
        status = status != 0 ? status : call("cuDeviceTotalMem_v2", bytes, handle);
        if (status == 0) {
            int capability = 10 * major.get(JAVA_INT, 0) + minor.get(JAVA_INT, 0);
            gpus.add(new Gpu(index, name.getString(0), capability, bytes.get(JAVA_LONG, 0)));
        }
        return status;
    }

    private static Outcome newest(List<Gpu> gpus) {
        int newest = gpus.stream().mapToInt(Gpu::computeCapability).max().orElse(0);
        String found = CudaDetection.capability(newest);
        return newest >= CudaDetection.LEAST_CAPABILITY
                ? new Passed(found)
                : new Failed(
                        found + ", and these kernels want 8.0",
                        "use a GPU of the Ampere generation (A100, RTX 30) or newer");
    }

    private String word(int status) {
        String name = text("cuGetErrorName", status);
        return name.isEmpty() ? "error " + status : "%s (%s)".formatted(name, text("cuGetErrorString", status));
    }

    private String text(String function, int status) {
        MemorySegment text = arena.allocate(ADDRESS);
        if (call(function, status, text) != 0) {
            return "";
        }
        MemorySegment characters = text.get(ADDRESS, 0);
        return characters.address() == 0
                ? ""
                : characters.reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** Calls a function of ints and pointers that returns a status. */
    private int call(String function, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] = arguments[i] instanceof Integer ? JAVA_INT : ADDRESS;
        }
        try {
            return (int) Linker.nativeLinker()
                    .downcallHandle(library.findOrThrow(function), FunctionDescriptor.of(JAVA_INT, layouts))
                    .invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("driver: %s cannot be called".formatted(function), e);
        }
    }
}
