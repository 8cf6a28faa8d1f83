package mezzotint.training.technique;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import org.junit.jupiter.api.Test;

class RememberingTeacherTest {
    private int asked;

    /** Tokens (L, 1) that are the first pixels of their picture. */
    private final TeacherFeatures pixels = new TeacherFeatures() {
        @Override
        public int width() {
            return 1;
        }

        @Override
        public Tensor of(Tape tape, TrainedStep step) {
            asked++;
            int batch = step.clean().shape().size(0);
            float[] all = step.clean().toFloats();
            float[] first = new float[batch * 4];
            for (int b = 0; b < batch; b++) {
                System.arraycopy(all, b * all.length / batch, first, 4 * b, 4);
            }
            return tape.constant(first, batch, 4, 1);
        }
    };

    @Test
    void asksOnceForAPictureAndKeepsThemApart() {
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(1));
                TensorArena arena = device.arena(1 << 20);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            TeacherFeatures teacher = new RememberingTeacher(pixels);
            assertArrayEquals(
                    new float[] {1, 1, 1, 1, 2, 2, 2, 2},
                    teacher.of(tape, step(tape, arena, List.of("a", "b"), 1, 2)).toFloats());
            assertArrayEquals(
                    new float[] {2, 2, 2, 2, 1, 1, 1, 1},
                    teacher.of(tape, step(tape, arena, List.of("b", "a"), 2, 1)).toFloats());
            assertEquals(1, asked);
            teacher.of(tape, step(tape, arena, List.of("b", "c"), 2, 3));
            assertEquals(2, asked);
        }
    }

    private static TrainedStep step(Tape tape, TensorArena scratch, List<String> ids, float a, float b) {
        float[] values = new float[2 * 3 * 16];
        java.util.Arrays.fill(values, 0, 48, a);
        java.util.Arrays.fill(values, 48, 96, b);
        Tensor clean = tape.constant(values, 2, 3, 4, 4);
        var around = new StepSurroundings(
                ids, new PhiloxRandom(1), Optional.empty(), new BlockOutputs(List.of()), 2, scratch);
        return new TrainedStep(clean, clean, clean, clean, clean, new float[2], around);
    }
}
