package mezzotint.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.EncoderKernels.Resample.Taps;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Another device's kernels on tensors in main memory: every call copies its tensors over, runs, and copies all of them back.
 *
 * <p>So a test that knows nothing of devices runs on each. A tensor gets memory of its own there, between guard bytes or, where
 * the device itself sees a stray access, without any; tensors that share bytes share them there too.
 */
public final class MirroredKernels {
    private static final byte PATTERN = (byte) 0x5A;

    private final CudaDevice device;
    private final int guard;

    private MirroredKernels(CudaDevice device, int guard) {
        this.device = device;
        this.guard = guard;
    }

    /**
     * The kernels of {@code device} for tensors in main memory.
     *
     * @param guard bytes around each tensor that must stay as they are, a multiple of 64
     */
    public static Kernels of(CudaDevice device, int guard) {
        var mirrored = new MirroredKernels(device, guard);
        return proxy(Kernels.class, (_, accessor, _) -> {
            Class<?> family = accessor.getReturnType();
            Object kernels = invoke(device.kernels(), accessor);
            return proxy(family, (_, kernel, arguments) -> mirrored.run(kernels, kernel, arguments));
        });
    }

    private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private Object run(Object kernels, Method kernel, Object[] arguments) throws Throwable {
        List<Span> spans = Span.cover(tensors(arguments));
        Map<Tensor, Tensor> copies = new IdentityHashMap<>();
        try {
            for (Span span : spans) {
                span.copyOver(device, guard, copies);
            }
            Object[] mirrored = Arrays.stream(arguments)
                    .map(argument -> mirror(argument, copies))
                    .toArray();
            Object result = invoke(kernels, kernel, mirrored);
            device.synchronize();
            for (Span span : spans) {
                span.copyBack(copies);
                span.assertGuards(kernel.getName(), guard);
            }
            return result;
        } finally {
            spans.forEach(Span::close);
        }
    }

    private static Object invoke(Object target, Method method, Object... arguments) throws Throwable {
        try {
            method.setAccessible(true);
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static List<Tensor> tensors(Object[] arguments) {
        List<Tensor> found = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof Tensor tensor) {
                found.add(tensor);
            } else if (argument instanceof AttentionInputs in) {
                found.addAll(Arrays.asList(
                        in.query(), in.textKeys(), in.textValues(), in.keys(), in.values(), in.textMask()));
            } else if (argument instanceof Taps taps) {
                found.addAll(List.of(taps.start(), taps.weights()));
            }
        }
        found.removeIf(tensor -> tensor == null);
        return found;
    }

    private static Object mirror(Object argument, Map<Tensor, Tensor> copies) {
        return switch (argument) {
            case Tensor tensor -> copies.get(tensor);
            case AttentionInputs in ->
                new AttentionInputs(
                        copies.get(in.query()),
                        copies.get(in.textKeys()),
                        copies.get(in.textValues()),
                        copies.get(in.keys()),
                        copies.get(in.values()),
                        copies.get(in.textMask()),
                        in.scale());
            case Taps taps -> new Taps(copies.get(taps.start()), copies.get(taps.weights()));
            case null -> null;
            default -> argument;
        };
    }

    /** Tensors whose bytes overlap, and their one copy. */
    private static final class Span {
        private final List<Tensor> tensors = new ArrayList<>();
        private final long from;
        private long to;
        private DriverMemory memory;
        private Tensor whole;

        private Span(Tensor first) {
            from = first.address();
            to = from;
        }

        static List<Span> cover(List<Tensor> tensors) {
            List<Tensor> sorted = new ArrayList<>(tensors);
            sorted.sort((a, b) -> Long.compare(a.address(), b.address()));
            List<Span> spans = new ArrayList<>();
            for (Tensor tensor : sorted) {
                if (spans.isEmpty() || tensor.address() >= spans.getLast().to) {
                    spans.add(new Span(tensor));
                }
                Span last = spans.getLast();
                last.tensors.add(tensor);
                last.to = Math.max(last.to, tensor.address() + tensor.byteSize());
            }
            return spans;
        }

        void copyOver(CudaDevice device, int guard, Map<Tensor, Tensor> copies) {
            memory = DriverMemory.allocate(device, to - from + 2L * guard);
            whole = new Tensor(memory, 0, Shape.of(memory.byteSize()), DType.U8);
            byte[] content = new byte[Math.toIntExact(whole.byteSize())];
            Arrays.fill(content, PATTERN);
            for (Tensor tensor : tensors) {
                int offset = Math.toIntExact(tensor.address() - from) + guard;
                System.arraycopy(Tensors.bytes(tensor), 0, content, offset, Math.toIntExact(tensor.byteSize()));
                copies.put(tensor, new Tensor(memory, offset, tensor.shape(), tensor.dtype()));
            }
            whole.write(MemorySegment.ofArray(content));
        }

        void copyBack(Map<Tensor, Tensor> copies) {
            for (Tensor tensor : tensors) {
                tensor.write(MemorySegment.ofArray(Tensors.bytes(copies.get(tensor))));
            }
        }

        void assertGuards(String kernel, int guard) {
            byte[] content = Tensors.bytes(whole);
            for (int i = 0; i < guard; i++) {
                assertEquals(PATTERN, content[i], kernel + ": byte " + (i - guard) + " before a tensor was written");
                assertEquals(
                        PATTERN,
                        content[content.length - guard + i],
                        kernel + ": byte " + i + " after a tensor was written");
            }
        }

        void close() {
            if (memory != null) {
                memory.close();
            }
        }
    }
}
