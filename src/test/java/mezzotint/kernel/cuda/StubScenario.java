package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import mezzotint.kernel.cuda.CudaDetection.Gpu;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** What {@link JCudaDriverTest} has done on a stand-in for the driver, each scenario in a process of its own. */
final class StubScenario {
    private static final String PTX = ".version 8.0\n.visible .entry scale_f32(\n.visible .entry idle(\n";
    private static final int TOO_MANY = 100 << 20;

    private final CudaDevice device;
    private final CudaDriver driver;
    private final CudaStream stream;

    private StubScenario() {
        device = CudaDevice.open(CudaOptions.of(0).withProducts(CudaOptions.Products.OWN));
        driver = device.driver();
        stream = device.stream();
    }

    /**
     * @param arguments the scenario's name
     */
    public static void main(String[] arguments) {
        StubScenario scenario = new StubScenario();
        switch (arguments[0]) {
            case "copies" -> scenario.copies();
            case "launch" -> scenario.launch();
            case "shared" -> scenario.shared();
            case "refusals" -> scenario.refusals();
            case "fault" -> scenario.fault();
            case "streams" -> scenario.streams();
            case "capture" -> scenario.capture();
            case "threads" -> scenario.threads();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.print(log());
    }

    /** What the stand-in wrote down. */
    private static String log() {
        SymbolLookup library = SymbolLookup.libraryLookup("libcuda.so.1", Arena.global());
        try {
            MemorySegment text = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(library.findOrThrow("stub_log"), FunctionDescriptor.of(ValueLayout.ADDRESS))
                    .invokeExact();
            return text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private void copies() {
        byte[] bytes = new byte[(9 << 20) + 13]; // three pinned buffers' worth, the last one not full
        new Random(1).nextBytes(bytes);
        byte[] source = bytes.clone();
        try (TensorArena arena = device.arena(24 << 20);
                Arena host = Arena.ofConfined()) {
            var memory = new CudaMemory(driver, stream, 20 << 20);
            memory.write(5, MemorySegment.ofArray(source));
            Arrays.fill(source, (byte) 0); // the source is free on return
            byte[] back = new byte[bytes.length];
            memory.read(5, MemorySegment.ofArray(back));
            assertArrayEquals(bytes, back);
            MemorySegment offHeap = host.allocate(1001);
            memory.fill(100, 1001, (byte) 7);
            memory.read(100, offHeap);
            assertArrayEquals(filled(1001, 7), offHeap.toArray(ValueLayout.JAVA_BYTE));
            memory.copyTo(100, memory, 15 << 20, 1001);
            memory.read(15 << 20, MemorySegment.ofArray(back).asSlice(0, 1001));
            assertArrayEquals(filled(1001, 7), Arrays.copyOf(back, 1001));
            Tensor tensor = arena.allocate(3);
            tensor.set(1f, 2, 3);
            assertArrayEquals(new float[] {1, 2, 3}, tensor.toFloats());
            assertEquals(0, arena.addressOf(0) % 256);
            memory.close();
        }
        device.close();
    }

    private static byte[] filled(int count, int value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** y = factor · x + addend + wide. */
    private void launch(CudaFunction scale, Tensor y, Tensor x, float factor) {
        try (var arguments = new LaunchArguments()) {
            arguments
                    .begin()
                    .tensor(y)
                    .tensor(x)
                    .integer(3)
                    .real(factor)
                    .real64(0.25)
                    .wide(1L << 20);
            driver.launch(stream, scale, new LaunchGrid(5, 4, 3, 32, 2, 1, 100), arguments);
        }
    }

    private void launch() {
        CudaFunction scale = driver.load("stub", PTX).function("scale_f32");
        try (TensorArena arena = device.arena(4096)) {
            Tensor x = arena.allocate(3).set(1f, 2, 3);
            Tensor y = arena.allocate(3);
            launch(scale, y, x, 0.5f);
            launch(scale, x, y, -1);
            device.synchronize();
            float add = 0.25f + (1 << 20);
            assertArrayEquals(new float[] {0.5f + add, 1 + add, 1.5f + add}, y.toFloats());
            assertArrayEquals(new float[] {-0.5f, -1, -1.5f}, x.toFloats());
        }
        device.close();
    }

    private void shared() {
        CudaFunction idle = driver.load("stub", PTX).function("idle");
        try (var arguments = new LaunchArguments()) {
            for (int bytes : new int[] {47 << 10, 48 << 10, 64 << 10, 64 << 10, 50 << 10, 99 << 10}) {
                driver.launch(stream, idle, LaunchGrid.of(1, 32).withShared(bytes), arguments.begin());
            }
            var thrown = assertThrows(
                    LaunchRefusedException.class,
                    () -> driver.launch(stream, idle, LaunchGrid.of(2, 64).withShared(101_377), arguments));
            assertEquals(
                    "launch of idle (grid 2 × 1 × 1 of blocks 64 × 1 × 1, 101377 bytes of dynamic shared memory) on"
                            + " Stub 0: a block may have 101376 bytes of dynamic shared memory; make it smaller",
                    thrown.getMessage());
        }
    }

    private void refusals() {
        var module = assertThrows(ModuleRefusedException.class, () -> driver.load("broken", "// nothing"));
        assertEquals(
                "module broken on Stub 0: CUDA_ERROR_INVALID_PTX (the stub's words); compile its source again. The"
                    + " driver's compiler: ptxas stub, line 1; fatal   : Missing .version directive at start of file",
                module.getMessage());
        CudaModule loaded = driver.load("stub", PTX);
        var function = assertThrows(CudaException.class, () -> loaded.function("scale_bf16"));
        assertEquals("module stub has no kernel scale_bf16; compile its source again", function.getMessage());
        var memory = assertThrows(OutOfMemoryError.class, () -> driver.allocate(TOO_MANY));
        assertEquals(
                "GPU memory: wanted 0.098 GiB, and 0.063 of 0.063 GiB are free on Stub 0; make the batch or the arenas"
                        + " smaller",
                memory.getMessage());
        var arena = assertThrows(OutOfMemoryError.class, () -> device.arena(TOO_MANY));
        assertEquals(memory.getMessage(), arena.getMessage());
        var fill = assertThrows(CudaException.class, () -> driver.fill(stream, 4096, 8, (byte) 0));
        assertEquals("filling 8 bytes on Stub 0: CUDA_ERROR_INVALID_VALUE (the stub's words)", fill.getMessage());
        long address = driver.allocate(64 << 20); // nothing above has taken any
        driver.free(address);
        device.close();
        device.close();
    }

    private void fault() {
        CudaFunction scale = driver.load("stub", PTX).function("scale_f32");
        TensorArena arena = device.arena(4096);
        Tensor x = arena.allocate(3);
        try (var arguments = new LaunchArguments()) {
            arguments.begin().wide(4096).tensor(x).integer(3).real(1).real64(0).wide(0);
            driver.launch(stream, scale, LaunchGrid.of(1, 32), arguments);
        }
        var thrown = assertThrows(CudaContextLostException.class, device::synchronize);
        assertEquals(
                "waiting for a stream on Stub 0: CUDA_ERROR_ILLEGAL_ADDRESS (the stub's words), by a kernel that ran"
                        + " before; the last one launched is scale_f32 (grid 1 × 1 × 1 of blocks 32 × 1 × 1, 0 bytes of"
                        + " dynamic shared memory). The GPU's context is lost, so start this process anew, with"
                        + " CUDA_LAUNCH_BLOCKING=1 to learn which kernel it was, or with --device ptx to learn why",
                thrown.getMessage());
        assertThrows(CudaContextLostException.class, x::toFloats);
        assertThrows(CudaContextLostException.class, () -> launch(scale, x, x, 1));
        arena.close(); // closing hides no failure behind another
        device.close();
    }

    private void streams() {
        CudaFunction scale = driver.load("stub", PTX).function("scale_f32");
        try (TensorArena arena = device.arena(4096);
                CudaStream other = driver.newStream();
                CudaEvent begun = driver.newEvent();
                CudaEvent ended = driver.newEvent()) {
            Tensor x = arena.allocate(3).set(1f, 2, 3);
            Tensor y = arena.allocate(3);
            stream.record(begun);
            launch(scale, y, x, 1);
            stream.record(ended);
            var early = assertThrows(CudaException.class, () -> ended.millisecondsSince(begun));
            assertEquals(
                    "time between two events on Stub 0: CUDA_ERROR_NOT_READY (the stub's words)", early.getMessage());
            other.await(ended);
            float[] first = new float[3];
            driver.read(other, MemorySegment.ofArray(first), y.address());
            float add = 0.25f + (1 << 20);
            assertArrayEquals(new float[] {1 + add, 2 + add, 3 + add}, first);
            ended.synchronize();
            assertEquals(1.5, ended.millisecondsSince(begun));
        }
        device.close();
    }

    private void capture() {
        CudaFunction scale = driver.load("stub", PTX).function("scale_f32");
        try (TensorArena arena = device.arena(4096)) {
            Tensor x = arena.allocate(3).set(1f, 2, 3);
            Tensor y = arena.allocate(3).set(0f, 0, 0);
            Tensor z = arena.allocate(3).set(0f, 0, 0);
            CudaGraph graph = device.capture(() -> {
                launch(scale, y, x, 2);
                launch(scale, x, y, 1);
                z.copyFrom(x);
            });
            assertEquals(3, graph.size());
            assertArrayEquals(new float[] {0, 0, 0}, y.toFloats(), "recorded, not run");
            float add = 0.25f + (1 << 20);
            float[] expected = {1, 2, 3};
            for (int time = 0; time < 2; time++) {
                graph.launch(stream);
                for (int i = 0; i < 3; i++) {
                    float between = 2 * expected[i] + add;
                    expected[i] = between + add;
                }
                assertArrayEquals(expected, z.toFloats());
            }
            graph.close();
            assertRefuses("a copy from the host", () -> x.set(1f, 2, 3));
            assertRefuses("a copy to the host", x::toFloats);
            assertRefuses("an allocation", () -> driver.allocate(8));
            assertRefuses("waiting for the GPU", driver::synchronize);
            assertRefuses("waiting for a stream", stream::synchronize);
            assertRefuses("loading module stub", () -> driver.load("stub", PTX));
            assertRefuses("another capture", () -> device.capture(() -> {}));
            launch(scale, y, x, 1); // a failed capture leaves the stream as it was
            device.synchronize();
        }
        device.close();
    }

    private void assertRefuses(String what, Runnable work) {
        var thrown = assertThrows(CudaException.class, () -> device.capture(work));
        assertEquals(
                "capture: " + what
                        + " cannot be recorded; run the work once before it is captured, so that kernels and scratch"
                        + " memory are there, and leave copies from and to the host outside",
                thrown.getMessage());
    }

    /** Any thread may use a driver, one at a time, and two drivers do not get into each other's way. */
    private void threads() {
        JCudaDriver second = new JCudaDriver(new Gpu(1, "Stub 1", 90, 64 << 20));
        long here = driver.allocate(8);
        long there = second.allocate(8);
        Thread thread = new Thread(() -> driver.fill(stream, here, 8, (byte) 3));
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        byte[] bytes = new byte[8];
        driver.read(stream, MemorySegment.ofArray(bytes), here);
        assertEquals(List.of((byte) 3, (byte) 3), List.of(bytes[0], bytes[7]));
        second.free(there);
        driver.free(here);
        second.close();
        device.close();
    }
}
