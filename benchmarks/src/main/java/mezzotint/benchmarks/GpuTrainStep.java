package mezzotint.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import mezzotint.benchmarks.gpu.GpuReport;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.kernel.cuda.CudaOptions;

/**
 * The training step of {@link Work#TRAIN} on GPU 0, wall time a step with its loss read back; {@code gpu_step_peer.py} is the
 * same on PyTorch.
 *
 * <pre>java @run.args mezzotint.benchmarks.GpuTrainStep own PEER_MS results.csv [graph]</pre>
 */
public final class GpuTrainStep {
    private static final int WARM_UP = 20;
    private static final int RUNS = 51;

    private GpuTrainStep() {}

    /** See the class. */
    public static void main(String[] args) throws IOException {
        CudaOptions.Products products = CudaOptions.Products.valueOf(args[0].toUpperCase(Locale.ROOT));
        double peer = Double.parseDouble(args[1]);
        CudaDevice device = CudaDevice.open(CudaOptions.of(0).withProducts(products));
        boolean graph = args.length > 3 && args[3].equals("graph");
        Consumer<Runnable> repeat = graph ? device.replay()::run : Runnable::run;
        String name = args[0] + (graph ? " as a graph" : "");
        try (MezzotintStep step = new MezzotintStep(Work.TRAIN, device, repeat)) {
            System.out.println(step.describe());
            double[] times = new double[RUNS];
            for (int i = 0; i < WARM_UP + RUNS; i++) {
                long began = System.nanoTime();
                step.run();
                if (i < 3) {
                    System.out.println("step " + i + " loss " + step.figure());
                }
                if (i >= WARM_UP) {
                    times[i - WARM_UP] = (System.nanoTime() - began) / 1e6;
                }
            }
            Arrays.sort(times);
            double median = times[RUNS / 2];
            System.out.printf(Locale.ROOT, "train step %s %.3f ms, peer %.3f ms%n", name, median, peer);
            ResultRow.append(
                    Path.of(args[2]),
                    List.of(new ResultRow(
                            "gpu train step " + name + "; peer = PyTorch eager",
                            PrxShape.PIXEL_64.label(),
                            "f32",
                            1,
                            times[RUNS / 5],
                            median,
                            times[RUNS * 4 / 5],
                            peer,
                            median / peer)),
                    GpuReport.nameOf(device));
        }
    }
}
