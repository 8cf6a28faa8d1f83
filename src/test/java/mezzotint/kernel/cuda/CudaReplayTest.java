package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import java.util.stream.Stream;
import mezzotint.autograd.Tape;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Devices;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A step as a graph does what the step does, with new constants each time, and says so when it is another step. */
class CudaReplayTest {
    private static final int N = 40;

    private static Stream<DynamicTest> onEach(Consumer<CudaDevice> test) {
        return Devices.cuda()
                .map(open -> DynamicTest.dynamicTest(open.name(), () -> {
                    try (CudaDevice device = open.device().get()) {
                        test.accept(device);
                    }
                }));
    }

    /** sum += 2·x, of an x written anew each time through an arena that is released each time. */
    private static void step(Kernels kernels, TensorArena scratch, Tensor sum, float[] x) {
        try (Tape tape = Tape.inference(kernels, scratch)) {
            Tensor first = tape.constant(x, N);
            Tensor doubled = tape.allocate(sum.shape(), sum.dtype());
            kernels.pointwise().add(doubled, first, first);
            kernels.pointwise().addScaled(sum, doubled, 1);
        }
    }

    @TestFactory
    Stream<DynamicTest> givesWhatTheStepGivesWithNewConstants() {
        return onEach(device -> {
            try (TensorArena weights = device.arena(1 << 16);
                    TensorArena scratch = device.arena(1 << 16);
                    CudaReplay replay = device.replay()) {
                Tensor direct = weights.zeros(mezzotint.tensor.Shape.of(N), mezzotint.tensor.DType.F32);
                Tensor replayed = weights.zeros(direct.shape(), direct.dtype());
                for (int i = 0; i < 5; i++) {
                    float[] x = Tensors.normals(i, N);
                    step(device.kernels(), scratch, direct, x);
                    replay.run(() -> step(device.kernels(), scratch, replayed, x));
                    assertArrayEquals(direct.toFloats(), replayed.toFloats(), "after step " + i);
                }
                assertEquals(3, replay.size(), "a copy of the constant, a sum, a sum on top");
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> refusesAnotherStep() {
        return onEach(device -> {
            try (TensorArena arena = device.arena(1 << 16);
                    CudaReplay replay = device.replay()) {
                Tensor x = arena.allocate(N).set(Tensors.normals(1, N));
                Kernels.Pointwise kernels = device.kernels().pointwise();
                for (int i = 0; i < 2; i++) {
                    replay.run(() -> kernels.scale(x, x, 0.5f));
                }
                float[] before = x.toFloats();
                var scalar = assertThrows(CudaException.class, () -> replay.run(() -> kernels.scale(x, x, 0.25f)));
                assertTrue(
                        scalar.getMessage().startsWith("replay: operation 0 of the step differs"), scalar::getMessage);
                var missing = assertThrows(CudaException.class, () -> replay.run(() -> {}));
                assertTrue(missing.getMessage().contains("got its end"), missing::getMessage);
                var reading = assertThrows(CudaException.class, () -> replay.run(x::toFloats));
                assertTrue(reading.getMessage().contains("reading to the host"), reading::getMessage);
                assertArrayEquals(before, x.toFloats(), "nothing ran");
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> recordsAgainAfterARecordingThatFailed() {
        return onEach(device -> {
            try (TensorArena arena = device.arena(1 << 16);
                    CudaReplay replay = device.replay()) {
                Tensor x = arena.allocate(N);
                float[] first = Tensors.normals(1, N);
                float[] second = Tensors.normals(2, N);
                replay.run(() -> x.set(first));
                assertThrows(
                        CudaException.class,
                        () -> replay.run(() -> x.set(second).toFloats()));
                assertArrayEquals(first, x.toFloats(), "nothing ran");
                replay.run(() -> x.set(second));
                assertArrayEquals(second, x.toFloats(), "as a graph");
            }
        });
    }
}
