package mezzotint.benchmarks.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import mezzotint.benchmarks.ResultRow;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.kernel.cuda.CudaEvent;
import mezzotint.kernel.cuda.CudaOptions;
import mezzotint.tensor.TensorArena;

/**
 * Times every case on GPU 0 and adds the rows to a file.
 *
 * <pre>
 * python3 gpu_peer.py > peers.csv
 * java @run.args mezzotint.benchmarks.gpu.GpuReport own peers.csv results.csv
 * </pre>
 *
 * The first argument names the products: {@code own} or {@code cublas}.
 */
public final class GpuReport {
    private static final int WARM_UP = 3;
    private static final int RUNS = 21;

    private GpuReport() {}

    /** See the class. */
    public static void main(String[] args) throws IOException {
        CudaOptions.Products products = CudaOptions.Products.valueOf(args[0].toUpperCase(Locale.ROOT));
        Map<String, List<Peer>> peers = peers(Path.of(args[1]));
        List<ResultRow> rows = new ArrayList<>();
        String gpu;
        try (CudaDevice device = CudaDevice.open(CudaOptions.of(0).withProducts(products));
                TensorArena arena = device.arena(40L << 30)) {
            System.out.println(device);
            gpu = nameOf(device);
            for (GpuCase work : GpuCases.of(device.kernels(), arena)) {
                double[] times = times(device, work.work());
                for (Peer peer : peersOf(work, peers)) {
                    rows.add(row(work, args[0], times, peer));
                }
            }
        }
        ResultRow.append(Path.of(args[2]), rows, gpu);
    }

    /** The GPU's name without what follows it. */
    public static String nameOf(CudaDevice device) {
        return device.driver().name().split(",", 2)[0];
    }

    /** A peer's time of the same work; NaN where there is none. */
    private record Peer(String name, double milliseconds) {}

    private static List<Peer> peersOf(GpuCase work, Map<String, List<Peer>> peers) {
        return peers.getOrDefault(key(work.name(), work.shape(), work.dtype()), List.of(new Peer("none", Double.NaN)));
    }

    private static ResultRow row(GpuCase work, String products, double[] times, Peer peer) {
        double median = times[RUNS / 2];
        System.out.printf(
                Locale.ROOT,
                "%-24s %-24s %-5s %9.4f ms  %-16s %s %9.4f ms  ratio %.2f%n",
                work.name(),
                work.shape(),
                work.dtype(),
                median,
                work.rate(median),
                peer.name(),
                peer.milliseconds(),
                median / peer.milliseconds());
        return new ResultRow(
                "gpu %s%s; peer = %s"
                        .formatted(work.name(), work.name().startsWith("matmul") ? " " + products : "", peer.name()),
                work.shape(),
                work.dtype(),
                1,
                times[RUNS / 5],
                median,
                times[RUNS * 4 / 5],
                peer.milliseconds(),
                median / peer.milliseconds());
    }

    /** Sorted, in milliseconds. */
    private static double[] times(CudaDevice device, Runnable work) {
        for (int i = 0; i < WARM_UP; i++) {
            work.run();
        }
        double[] times = new double[RUNS];
        try (CudaEvent before = device.driver().newEvent();
                CudaEvent after = device.driver().newEvent()) {
            for (int i = 0; i < RUNS; i++) {
                device.stream().record(before);
                work.run();
                device.stream().record(after);
                after.synchronize();
                times[i] = after.millisecondsSince(before);
            }
        }
        Arrays.sort(times);
        return times;
    }

    /** Lines {@code name;peer,shape,dtype,milliseconds}. */
    private static Map<String, List<Peer>> peers(Path file) throws IOException {
        Map<String, List<Peer>> peers = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.split("[,;]", -1);
            if (parts.length == 5) {
                peers.computeIfAbsent(key(parts[0], parts[2], parts[3]), key -> new ArrayList<>())
                        .add(new Peer(parts[1], Double.parseDouble(parts[4])));
            }
        }
        return peers;
    }

    private static String key(String name, String shape, String dtype) {
        return name + "," + shape + "," + dtype;
    }
}
