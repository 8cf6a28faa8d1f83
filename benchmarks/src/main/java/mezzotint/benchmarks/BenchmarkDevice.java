package mezzotint.benchmarks;

import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;

/** The one place that says which of the library's kernels are measured. */
final class BenchmarkDevice {
    private BenchmarkDevice() {}

    static Device open(WholeStep.Precision precision, int threads) {
        CpuOptions.Choice choice = switch (precision) {
            case F32 -> CpuOptions.Choice.BEST;
            case BF16 -> CpuOptions.Choice.ONEDNN_BF16;
            case WHOLE_BF16 -> throw new IllegalArgumentException("WHOLE_BF16 is libtorch's alone");
        };
        return CpuDevice.open(new CpuOptions(threads, choice));
    }
}
