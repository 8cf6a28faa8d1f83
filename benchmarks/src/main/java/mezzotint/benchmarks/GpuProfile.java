package mezzotint.benchmarks;

import java.util.Locale;
import mezzotint.benchmarks.gpu.TimingDriver;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.kernel.cuda.CudaOptions;
import mezzotint.kernel.cuda.CudaOptions.Products;

/**
 * Where the GPU's time of the training step goes, kernel by kernel, with our own products.
 *
 * <pre>java @run.args mezzotint.benchmarks.GpuProfile</pre>
 */
public final class GpuProfile {
    private static final int WARM_UP = 10;

    private GpuProfile() {}

    /** See the class. */
    public static void main(String[] args) {
        try (CudaDevice gpu = CudaDevice.open(CudaOptions.of(0).withProducts(Products.OWN))) {
            var driver = new TimingDriver(gpu.driver());
            MezzotintStep step = new MezzotintStep(Work.TRAIN, CudaDevice.on(driver));
            for (int i = 0; i < WARM_UP; i++) {
                step.run();
            }
            var totals = driver.totals(step::run);
            double sum = totals.values().stream()
                    .mapToDouble(TimingDriver.Total::milliseconds)
                    .sum();
            totals.entrySet().stream()
                    .sorted((a, b) -> Double.compare(
                            b.getValue().milliseconds(), a.getValue().milliseconds()))
                    .forEach(e -> System.out.printf(
                            Locale.ROOT,
                            "%8.3f ms %5.1f %% %4d × %s%n",
                            e.getValue().milliseconds(),
                            100 * e.getValue().milliseconds() / sum,
                            e.getValue().launches(),
                            e.getKey()));
            System.out.printf(Locale.ROOT, "%8.3f ms in all%n", sum);
        }
    }
}
