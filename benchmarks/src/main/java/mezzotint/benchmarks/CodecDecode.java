package mezzotint.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import mezzotint.autograd.Tape;
import mezzotint.kernel.Device;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.latent.AutoencoderKl;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Seconds of FLUX.1's decoder with random weights on one picture, and which kernels take them.
 *
 * <pre>java @run.args mezzotint.benchmarks.CodecDecode [pixels = 512] [threads = 2] [repetitions = 3]</pre>
 *
 * Of each repetition the time on the wall and that of all threads, which other programs disturb less; the kernels are those of the
 * last one.
 */
public final class CodecDecode {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private CodecDecode() {}

    /** Seconds in one kernel. */
    private record Total(int calls, double wall, double threads) {
        Total plus(Total other) {
            return new Total(calls + other.calls, wall + other.wall, threads + other.threads);
        }
    }

    /** See the class. */
    public static void main(String[] args) {
        int pixels = args.length > 0 ? Integer.parseInt(args[0]) : 512;
        int threads = args.length > 1 ? Integer.parseInt(args[1]) : 2;
        int repetitions = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        AutoencoderKl.Config config = AutoencoderKl.Config.FLUX;
        Shape picture = Shape.of(1, 3, pixels, pixels);
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(threads));
                TensorArena weights = device.arena(800L << 20)) {
            AutoencoderKl codec = new AutoencoderKl(config, new Parameters(weights, new PhiloxRandom(1)));
            long bytes = codec.decodeBytes(picture);
            System.out.printf(Locale.ROOT, "%s; %d MiB of activations for %s%n", device, (bytes >> 20) + 1, picture);
            Shape shape = codec.latentShape(picture);
            float[] values = Numbers.uniform("latents", Math.toIntExact(shape.elements()), 0, (float) Math.sqrt(3));
            Map<String, Total> totals = new TreeMap<>();
            Kernels timed = timed(Kernels.class, "", device.kernels(), totals);
            try (TensorArena activations = device.arena(bytes + (64L << 20))) {
                for (int i = 0; i < repetitions; i++) {
                    totals.clear();
                    Total all = time(() -> decode(codec, timed, activations, shape, values));
                    System.out.printf(Locale.ROOT, "%7.2f s on the wall, %7.2f s of threads%n", all.wall, all.threads);
                }
            }
            report(totals);
        }
    }

    private static void decode(
            AutoencoderKl codec, Kernels kernels, TensorArena activations, Shape shape, float[] values) {
        try (Tape tape = Tape.inference(kernels, activations)) {
            Tensor latents = tape.constant(values, shape.dims());
            codec.decode(tape, latents);
        }
    }

    private static void report(Map<String, Total> totals) {
        totals.entrySet().stream()
                .sorted((a, b) -> Double.compare(b.getValue().threads, a.getValue().threads))
                .forEach(e -> System.out.printf(
                        Locale.ROOT,
                        "%7.2f s on the wall, %7.2f s of threads, %4d × %s%n",
                        e.getValue().wall,
                        e.getValue().threads,
                        e.getValue().calls,
                        e.getKey()));
    }

    private static Total time(Runnable work) {
        long cpu = PROCESS.getProcessCpuTime();
        long wall = System.nanoTime();
        work.run();
        return new Total(1, (System.nanoTime() - wall) * 1e-9, (PROCESS.getProcessCpuTime() - cpu) * 1e-9);
    }

    /** The same kernels, whose every call is timed under its name; families are wrapped in turn. */
    private static <T> T timed(Class<T> type, String family, T target, Map<String, Total> totals) {
        Object proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
            Object[] result = new Object[1];
            Throwable[] failure = new Throwable[1];
            Total total = time(() -> {
                try {
                    result[0] = method.invoke(target, arguments);
                } catch (InvocationTargetException e) {
                    failure[0] = e.getCause();
                } catch (IllegalAccessException e) {
                    failure[0] = e;
                }
            });
            if (failure[0] != null) {
                throw failure[0];
            }
            if (method.getReturnType().isInterface()) {
                return wrapped(method.getReturnType(), method.getName(), result[0], totals);
            }
            if (!family.isEmpty()) {
                totals.merge(family + "." + method.getName() + sizes(arguments), total, Total::plus);
            }
            return result[0];
        });
        return type.cast(proxy);
    }

    private static <T> Object wrapped(Class<T> type, String name, Object target, Map<String, Total> totals) {
        return timed(type, name, type.cast(target), totals);
    }

    /** The sizes of what a call makes. */
    private static String sizes(Object[] arguments) {
        return arguments != null && arguments.length > 0 && arguments[0] instanceof Tensor made
                ? " → " + made.shape()
                : "";
    }
}
