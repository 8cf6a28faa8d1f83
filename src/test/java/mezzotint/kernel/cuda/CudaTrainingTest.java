package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxText;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Devices;
import mezzotint.testing.Tensors;
import mezzotint.training.AdamW;
import mezzotint.training.FlowMatchingObjective;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A whole training run, its arenas, tape and optimizer on a CUDA device. */
class CudaTrainingTest {
    private static final int STEPS = 20;
    private static final int BATCH = 2;
    private static final int SIDE = 32;
    private static final int TEXT = 5;

    @TestFactory
    Stream<DynamicTest> aTinyPrxTrainsAsOnTheCpu() {
        double[] expected;
        try (Device cpu = CpuDevice.open(CpuOptions.best().withThreads(2))) {
            expected = losses(cpu);
        }
        assertTrue(expected[STEPS - 1] < 0.8 * expected[0], "nothing was learnt: " + expected[STEPS - 1]);
        return Devices.cuda().map(open -> DynamicTest.dynamicTest(open.name(), () -> {
            try (Device device = open.device().get()) {
                double[] actual = losses(device);
                for (int step = 0; step < STEPS; step++) {
                    assertEquals(expected[step], actual[step], 1e-4 * expected[step], "loss of step " + step);
                }
            }
        }));
    }

    private static double[] losses(Device device) {
        try (TensorArena weights = device.arena(16 << 20);
                TensorArena activations = device.arena(64 << 20);
                TensorArena gradients = device.arena(64 << 20)) {
            var parameters = new Parameters(weights, new PhiloxRandom(7));
            var model = new PrxDenoiser(PrxConfig.CPU_NANO, parameters);
            var optimizer = new AdamW(device.kernels(), weights, parameters.trainable(), AdamW.Constants.PRX);
            double[] losses = new double[STEPS];
            for (int step = 0; step < STEPS; step++) {
                parameters.zeroGradients();
                try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                    Tensor loss = loss(tape, model, step);
                    tape.backward(loss);
                    losses[step] = loss.item();
                }
                optimizer.update(2e-3, 1);
            }
            return losses;
        }
    }

    private static Tensor loss(Tape tape, PrxDenoiser model, int step) {
        long[] pictures = {BATCH, 3, SIDE, SIDE};
        int count = Tensors.count(pictures);
        Tensor clean = tape.constant(Tensors.normals(1, count), pictures);
        Tensor noise = tape.allocate(Shape.of(pictures), DType.F32);
        tape.kernels().flowMatch().normal(noise, 11, step, 0);
        int width = PrxConfig.CPU_NANO.contextDim();
        Tensor states = tape.constant(Tensors.normals(2, BATCH * TEXT * width), BATCH, TEXT, width);
        Tensor mask = tape.allocate(Shape.of(BATCH, TEXT), DType.BOOL);
        mask.set(true, true, true, false, false, true, true, true, true, true);
        PrxText text = model.text(tape, states, mask);
        float[] times = {0.2f + 0.03f * step, 0.9f - 0.02f * step};
        return new FlowMatchingObjective(Prediction.CLEAN_IMAGE)
                .loss(tape, clean, noise, times, (t, noised, at) -> model.forward(t, noised, at, text))
                .total();
    }
}
