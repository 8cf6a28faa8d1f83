package mezzotint.benchmarks.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The machine's float32 peak: fused multiply-adds on registers alone, twelve chains a thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PeakBenchmark {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int ROUNDS = 2_000_000;
    private static final int CHAINS = 12; // latency 4 × 2 units a cycle = 8, and some slack

    @Param({"1", "2"})
    public int threads;

    private ExecutorService workers;

    /** Floating-point operations of one call of {@link #multiplyAdd} on that many threads. */
    static double operations(int threads) {
        return 2.0 * CHAINS * SPECIES.length() * ROUNDS * threads;
    }

    /** Starts the threads. */
    @Setup
    public void start() {
        workers = Executors.newFixedThreadPool(threads);
    }

    /** Ends the threads. */
    @TearDown
    public void stop() {
        workers.close();
    }

    /** All threads at once. */
    @Benchmark
    public float multiplyAdd() throws Exception {
        List<Callable<Float>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            tasks.add(() -> chains(0.999f, 0.001f));
        }
        float sum = 0;
        for (Future<Float> done : workers.invokeAll(tasks)) {
            sum += done.get();
        }
        return sum;
    }

    private static float chains(float factor, float addend) {
        FloatVector x = FloatVector.broadcast(SPECIES, factor);
        FloatVector y = FloatVector.broadcast(SPECIES, addend);
        FloatVector a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < ROUNDS; round++) {
            a = a.fma(x, y);
            b = b.fma(x, y);
            c = c.fma(x, y);
            d = d.fma(x, y);
            e = e.fma(x, y);
            f = f.fma(x, y);
            g = g.fma(x, y);
            h = h.fma(x, y);
            i = i.fma(x, y);
            j = j.fma(x, y);
            k = k.fma(x, y);
            l = l.fma(x, y);
        }
        FloatVector sum = a.add(b)
                .add(c)
                .add(d)
                .add(e)
                .add(f)
                .add(g)
                .add(h)
                .add(i)
                .add(j)
                .add(k)
                .add(l);
        return sum.lane(0);
    }
}
