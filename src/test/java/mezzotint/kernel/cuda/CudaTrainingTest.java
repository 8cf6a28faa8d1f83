package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Consumer;
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
    private static final int REPLAYED = 5;
    private static final int BATCH = 2;
    private static final int SIDE = 32;
    private static final int TEXT = 5;

    @TestFactory
    Stream<DynamicTest> aTinyPrxTrainsAsOnTheCpu() {
        double[] expected;
        try (Device cpu = CpuDevice.open(CpuOptions.best().withThreads(2))) {
            expected = losses(cpu, STEPS, Runnable::run);
        }
        assertTrue(expected[STEPS - 1] < 0.8 * expected[0], "nothing was learnt: " + expected[STEPS - 1]);
        return Devices.cuda()
                .map(open -> DynamicTest.dynamicTest(open.name(), () -> {
                    double[] direct;
                    double[] replayed;
                    try (CudaDevice device = open.device().get()) {
                        direct = losses(device, STEPS, Runnable::run);
                    }
                    try (CudaDevice device = open.device().get();
                            CudaReplay replay = device.replay()) {
                        replayed = losses(device, REPLAYED, replay::run);
                    }
                    for (int step = 0; step < STEPS; step++) {
                        assertEquals(expected[step], direct[step], 1e-4 * expected[step], "loss of step " + step);
                    }
                    assertArrayEquals(Arrays.copyOf(direct, REPLAYED), replayed, "as a graph, to the last bit");
                }));
    }

    /** @param run runs forward and backward of a step */
    private static double[] losses(Device device, int steps, Consumer<Runnable> run) {
        try (TensorArena weights = device.arena(16 << 20);
                TensorArena activations = device.arena(64 << 20);
                TensorArena gradients = device.arena(64 << 20)) {
            var parameters = new Parameters(weights, new PhiloxRandom(7));
            var model = new PrxDenoiser(PrxConfig.CPU_NANO, parameters);
            var optimizer = new AdamW(device.kernels(), weights, parameters.trainable(), AdamW.Constants.PRX);
            Tensor noise = weights.allocate(BATCH, 3, SIDE, SIDE);
            Tensor loss = weights.allocate(1);
            double[] losses = new double[steps];
            for (int i = 0; i < steps; i++) {
                int step = i;
                device.kernels().flowMatch().normal(noise, 11, step, 0);
                run.accept(() -> {
                    parameters.zeroGradients();
                    try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                        Tensor total = loss(tape, model, noise, step);
                        tape.backward(total);
                        loss.copyFrom(total);
                    }
                });
                losses[step] = loss.item();
                optimizer.update(2e-3, 1);
            }
            return losses;
        }
    }

    private static Tensor loss(Tape tape, PrxDenoiser model, Tensor noise, int step) {
        Tensor clean = tape.constant(
                Tensors.normals(1, Math.toIntExact(noise.shape().elements())),
                noise.shape().dims());
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
