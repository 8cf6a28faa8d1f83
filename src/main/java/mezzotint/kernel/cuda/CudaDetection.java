package mezzotint.kernel.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What stands between this process and a GPU, found step by step; nothing here throws, and no class of JCuda is touched
 * before the driver has been found good.
 *
 * @param steps what was looked at, in order; the first failure is the last step
 * @param gpus every GPU the driver has; empty until the driver has answered
 */
public record CudaDetection(List<Step> steps, List<Gpu> gpus) {
    /** The oldest driver, as CUDA writes versions: 12000 is 12.0. */
    public static final int OLDEST_DRIVER = 12_000;

    /** The least compute capability of a GPU, times ten. */
    public static final int LEAST_CAPABILITY = 80;

    /** What is looked at. */
    public enum Check {
        /** Operating system and processor: Linux on x86_64. */
        PLATFORM,
        /** The driver's library can be loaded. */
        DRIVER_LIBRARY,
        /** {@code cuInit} succeeds. */
        INITIALISATION,
        /** The driver knows CUDA 12. */
        DRIVER_VERSION,
        /** There is a GPU. */
        GPUS,
        /** A GPU is new enough. */
        COMPUTE_CAPABILITY,
        /** JCuda's classes and native library are on the class path. */
        JCUDA_JARS,
        /** JCuda's native library can be unpacked. */
        JCUDA_UNPACKED,
        /** JCuda's native library can be loaded. */
        JCUDA_LOADED
    }

    /** What came of it. */
    public sealed interface Outcome permits Passed, Failed {
        /** What is there, for people. */
        String found();
    }

    /** As it should be. */
    public record Passed(String found) implements Outcome {}

    /**
     * Not as it should be.
     *
     * @param found what is there instead
     * @param remedy what a user can do
     */
    public record Failed(String found, String remedy) implements Outcome {}

    /** One thing looked at. */
    public record Step(Check check, Outcome outcome) {}

    /**
     * A GPU.
     *
     * @param index as CUDA counts them
     * @param name as its maker calls it
     * @param computeCapability ten times the major version plus the minor one
     * @param bytes of its memory
     */
    public record Gpu(int index, String name, int computeCapability, long bytes) {
        /** Whether the kernels run on it. */
        public boolean isNewEnough() {
            return computeCapability >= LEAST_CAPABILITY;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s, %.1f GiB, compute capability %s",
                    name,
                    bytes / (double) (1 << 30),
                    capability(computeCapability));
        }
    }

    /** Takes copies. */
    public CudaDetection {
        steps = List.copyOf(steps);
        gpus = List.copyOf(gpus);
    }

    /** Looks in the given places. */
    public static CudaDetection in(CudaPlaces places) {
        List<Step> steps = new ArrayList<>();
        List<Gpu> gpus = new ArrayList<>();
        String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (!system.equals("Linux on amd64")) {
            steps.add(new Step(
                    Check.PLATFORM,
                    new Failed(system, "CUDA is used here on Linux with an x86_64 processor; use cpu")));
            return new CudaDetection(steps, gpus);
        }
        steps.add(new Step(Check.PLATFORM, new Passed(system)));
        if (DriverQuestions.ask(places.driverLibrary(), steps, gpus)) {
            JCudaLibrary.DRIVER.detect(places.cache(), steps);
        }
        return new CudaDetection(steps, gpus);
    }

    /** Whether cuBLAS lies somewhere; it is not loaded. */
    public static Outcome cublasIn(CudaPlaces places) {
        return CublasSearch.find(places)
                .<Outcome>map(found -> new Passed(found.library()))
                .orElseGet(() -> new Failed(
                        CublasSearch.absence(places) + ": products run on this library's own kernels",
                        CublasSearch.REMEDY));
    }

    /** The step that failed; empty when all is well. */
    public Optional<Step> failure() {
        return steps.stream().filter(step -> step.outcome() instanceof Failed).findFirst();
    }

    /** Whether the kernels can run here on one GPU at least. */
    public boolean isUsable() {
        return failure().isEmpty();
    }

    static String capability(int tenfold) {
        return tenfold / 10 + "." + tenfold % 10;
    }
}
