package mezzotint.cli;

import java.util.ArrayList;
import java.util.List;
import mezzotint.cli.MachineReport.Finding;
import mezzotint.kernel.cuda.CudaDetection;
import mezzotint.kernel.cuda.CudaDetection.Check;
import mezzotint.kernel.cuda.CudaDetection.Failed;
import mezzotint.kernel.cuda.CudaDetection.Outcome;
import mezzotint.kernel.cuda.CudaDetection.Passed;
import mezzotint.kernel.cuda.CudaPlaces;

/** Every step between this process and an NVIDIA GPU, for {@code mezzotint doctor}. */
final class CudaReport {
    private CudaReport() {}

    /** One finding a step; the first failure is the last step, but for cuBLAS, which one can do without. */
    static List<Finding> findings(CudaPlaces places) {
        CudaDetection detection = CudaDetection.in(places);
        List<Finding> findings = new ArrayList<>();
        detection.steps().forEach(step -> findings.add(finding(name(step.check()), step.outcome())));
        if (detection.isUsable()) {
            findings.add(finding("cuBLAS", CudaDetection.cublasIn(places)));
        }
        findings.add(Finding.of(
                "CUDA",
                detection.isUsable()
                        ? "usable: --device cuda"
                        : "not usable here; --device ptx runs its kernels in Java, slowly, for checking"));
        return findings;
    }

    private static Finding finding(String name, Outcome outcome) {
        return switch (outcome) {
            case Passed passed -> Finding.of(name, passed.found());
            case Failed failed -> Finding.of(name, failed.found(), failed.remedy());
        };
    }

    private static String name(Check check) {
        return switch (check) {
            case PLATFORM -> "CUDA platform";
            case DRIVER_LIBRARY -> "CUDA driver";
            case INITIALISATION -> "CUDA start";
            case DRIVER_VERSION -> "CUDA version";
            case GPUS -> "CUDA GPUs";
            case COMPUTE_CAPABILITY -> "CUDA capability";
            case JCUDA_JARS -> "JCuda";
            case JCUDA_UNPACKED -> "JCuda unpacked";
            case JCUDA_LOADED -> "JCuda loaded";
        };
    }
}
