package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** What every {@link CudaDriver} does, shown on three kernels of its own. */
final class DriverChecks {
    private static final int COUNT = 1000;

    private final CudaDriver driver;
    private final CudaModule module;

    DriverChecks(CudaDriver driver) {
        this.driver = driver;
        this.module = driver.load("driver_check", ptx());
    }

    static String ptx() {
        try (InputStream in = DriverChecks.class.getResourceAsStream("driver_check.ptx")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes come back as they were written, over several pieces and at odd places. */
    void copies(int bytes) {
        byte[] wanted = new byte[bytes];
        new Random(1).nextBytes(wanted);
        byte[] source = wanted.clone();
        byte[] back = new byte[bytes];
        long address = driver.allocate(2L * bytes + 64);
        assertEquals(0, address % 256);
        try (CudaStream stream = driver.newStream()) {
            driver.write(stream, address + 3, MemorySegment.ofArray(source));
            Arrays.fill(source, (byte) 0); // free on return
            driver.copy(stream, address + bytes + 7, address + 3, bytes);
            driver.fill(stream, address + bytes + 8, 5, (byte) 9);
            driver.read(stream, MemorySegment.ofArray(back), address + bytes + 7);
            Arrays.fill(wanted, 1, 6, (byte) 9);
            assertArrayEquals(wanted, back);
            driver.undefine(address, 64);
            driver.fill(stream, address, 64, (byte) 1);
            driver.read(stream, MemorySegment.ofArray(back).asSlice(0, 64), address);
            assertEquals(1, back[63]);
        }
        driver.free(address);
    }

    /** Arguments of every width arrive, and launches of a stream run in order. */
    void launches() {
        try (CudaStream stream = driver.newStream();
                Floats x = new Floats(stream, COUNT);
                Floats y = new Floats(stream, COUNT)) {
            x.write(ramp());
            scale(stream, y, x, 2);
            scale(stream, x, y, 0.5f);
            float[] expected = new float[COUNT];
            for (int i = 0; i < COUNT; i++) {
                expected[i] = 0.5f * (2f * i + 3.25f) + 3.25f;
            }
            assertArrayEquals(expected, x.read());
        }
    }

    /** More than 48 KiB of shared memory are to be had, as many as the device says, and no more. */
    void givesSharedMemory() {
        CudaFunction reverse = module.function("reverse_f32");
        int most = driver.limits().sharedBytesPerBlock();
        assertTrue(most > 48 << 10, "" + most);
        int n = most / Float.BYTES;
        try (CudaStream stream = driver.newStream();
                Floats x = new Floats(stream, n);
                Floats y = new Floats(stream, n);
                var arguments = new LaunchArguments()) {
            float[] values = new float[n];
            for (int i = 0; i < n; i++) {
                values[i] = i;
            }
            x.write(values);
            arguments.begin().wide(y.address).wide(x.address).integer(n);
            driver.launch(stream, reverse, LaunchGrid.of(1, 256).withShared(most), arguments);
            float[] back = y.read();
            for (int i = 0; i < n; i++) {
                assertEquals(n - 1 - i, back[i]);
            }
            assertThrows(
                    CudaException.class,
                    () -> driver.launch(stream, reverse, LaunchGrid.of(1, 256).withShared(most + 4), arguments));
        }
    }

    /** A stream that waits for an event sees what was done before it, and events of one stream come in order. */
    void ordersStreams() {
        CudaFunction count = module.function("count_u32");
        int times = 100_000;
        int expected = 1;
        for (int i = 0; i < times; i++) {
            expected = 1_664_525 * expected + 1_013_904_223;
        }
        int[] got = {1};
        long address = driver.allocate(4);
        try (CudaStream stream = driver.newStream();
                CudaStream other = driver.newStream();
                CudaEvent begun = driver.newEvent();
                CudaEvent ended = driver.newEvent();
                var arguments = new LaunchArguments()) {
            driver.write(stream, address, MemorySegment.ofArray(got));
            stream.record(begun);
            arguments.begin().wide(address).integer(times);
            driver.launch(stream, count, LaunchGrid.of(1, 1), arguments);
            stream.record(ended);
            other.await(ended);
            driver.read(other, MemorySegment.ofArray(got), address);
            assertEquals(expected, got[0]);
            ended.synchronize();
            double milliseconds = ended.millisecondsSince(begun);
            assertTrue(milliseconds >= 0 && milliseconds < 1e6, "" + milliseconds);
            assertTrue(begun.millisecondsSince(ended) <= 0);
        }
        driver.free(address);
    }

    /** What was captured does not run, and then runs as it would have run directly. */
    void replaysACapture() {
        try (CudaStream stream = driver.newStream();
                Floats x = new Floats(stream, COUNT);
                Floats y = new Floats(stream, COUNT);
                Floats direct = new Floats(stream, COUNT)) {
            x.write(ramp());
            y.write(ramp());
            scale(stream, direct, x, 1.5f);
            try (CudaGraph graph = driver.capture(stream, () -> {
                driver.fill(stream, y.address, 4L * COUNT, (byte) 0);
                scale(stream, y, x, 1.5f);
                driver.copy(stream, x.address, y.address, 4L * COUNT);
            })) {
                assertEquals(3, graph.size());
                assertArrayEquals(ramp(), y.read());
                graph.launch(stream);
                assertArrayEquals(direct.read(), x.read());
                scale(stream, direct, x, 1.5f);
                graph.launch(stream);
                assertArrayEquals(direct.read(), y.read());
            }
        }
    }

    private static float[] ramp() {
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = i;
        }
        return values;
    }

    private void scale(CudaStream stream, Floats y, Floats x, float factor) {
        try (var arguments = new LaunchArguments()) {
            arguments
                    .begin()
                    .wide(y.address)
                    .wide(x.address)
                    .integer(COUNT)
                    .real(factor)
                    .real64(0.25)
                    .wide(3);
            driver.launch(stream, module.function("scale_f32"), LaunchGrid.of(3, 128), arguments);
        }
    }

    /** Numbers in device memory. */
    private final class Floats implements AutoCloseable {
        private final CudaStream stream;
        private final int count;
        private final long address;

        Floats(CudaStream stream, int count) {
            this.stream = stream;
            this.count = count;
            this.address = driver.allocate(4L * count);
        }

        void write(float[] values) {
            driver.write(stream, address, MemorySegment.ofArray(values));
        }

        float[] read() {
            float[] values = new float[count];
            driver.read(stream, MemorySegment.ofArray(values), address);
            return values;
        }

        @Override
        public void close() {
            driver.free(address);
        }
    }
}
