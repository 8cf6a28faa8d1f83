package mezzotint.kernel.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import mezzotint.kernel.cpu.CpuMemory;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.kernel.evidence.CheckRun.Distance;
import mezzotint.kernel.evidence.KernelVerification.Row;
import mezzotint.kernel.evidence.ProductChecks.Layout;
import mezzotint.kernel.evidence.ProductChecks.Types;
import mezzotint.ptx.PtxMachine;
import mezzotint.ptx.PtxOptions;
import mezzotint.tensor.DType;
import mezzotint.testing.Devices;
import org.junit.jupiter.api.Test;

class KernelVerificationTest {

    @Test
    void passesAnHonestKernelAndSaysWhatItCost() {
        try (KernelVerification machine = KernelVerification.onMachine()) {
            List<Row> rows = machine.run(NormChecks.rmsNorm(37, 129), DType.BF16);
            assertEquals(
                    List.of("rms_norm", "rms_norm backward"),
                    rows.stream().map(Row::operation).toList());
            assertTrue(rows.stream().allMatch(Row::passes), rows.toString());
            // x and the scale are read, y and rstd written: 37·129·2·2 + 129·4 + 37·4 bytes at least
            assertTrue(rows.getFirst().cost().orElseThrow().globalLoad().bytesMoved() >= 37 * 129 * 2 + 129 * 4);
            assertTrue(
                    machine.launched().contains("rms_norm_forward_single_bf16"),
                    machine.launched().toString());
        }
    }

    /** The machine stands in for a GPU: what is tested is the way that counts nothing and guards tensors by bytes. */
    @Test
    void runsWhereNothingIsCounted() {
        try (KernelVerification gpu = KernelVerification.onGpu(CudaDevice.on(new PtxMachine()))) {
            for (KernelCheck check : List.of(
                    NormChecks.geglu(7, 143).misaligned(),
                    ProductChecks.matmul(37, 45, 51, new Layout(false, true, true, false), Types.NARROW),
                    ProductChecks.matmul(120, 120, 72, new Layout(true, false, false, true), Types.USUAL)
                            .onOneMultiprocessor())) {
                for (DType type : check.types()) {
                    List<Row> rows = gpu.run(check, type);
                    assertTrue(rows.stream().allMatch(Row::passes), rows.toString());
                    assertTrue(rows.stream().allMatch(row -> row.cost().isEmpty()), rows.toString());
                }
            }
            assertTrue(
                    gpu.launched().contains("matmul_bf16_128x128_tn"),
                    gpu.launched().toString());
        }
    }

    @Test
    void seesAWrongNumberAStrayAccessAndAnUnwrittenElement() {
        assertFailure("st\\.global\\.f32 \t?(\\[%rd\\d+\\]), (%f\\d+);", "neg.f32 $2, $2; st.global.f32 $1, $2;", "");
        assertFailure("st\\.global\\.f32 \t?(\\[%rd\\d+)\\], ", "st.global.f32 $1+65536], ", "out of bounds");
        assertFailure("st\\.global\\.f32 .*;", "", "");
    }

    private static void assertFailure(String instruction, String instead, String finding) {
        PtxMachine machine = new PtxMachine(PtxOptions.standard().collecting());
        var driver = new WatchedDriver(machine, (_, ptx) -> ptx.replaceAll(instruction, instead));
        try (KernelVerification verification = KernelVerification.onMachine(machine, driver)) {
            Row row = verification.run(PointwiseChecks.silu(5), DType.F32).getFirst();
            assertFalse(row.passes(), row.toString());
            assertTrue(
                    finding.isEmpty() || row.findings().getFirst().contains(finding),
                    row.findings().toString());
        }
    }

    /** The CPU's kernels stand in for a GPU's here. */
    @Test
    void seesAChangedInputAndAGradientThatOverwrites() {
        var run = new CheckRun(Devices.one().kernels(), CpuMemory::allocate, 64);
        KernelCheck changing = new KernelCheck("changing", "")
                .fixedActivation("x", 4)
                .output(4)
                .forward((kernels, out, in) -> {
                    kernels.pointwise().scale(out[0], in[0], 1);
                    kernels.pointwise().scale(in[0], in[0], 2);
                })
                .definition(in -> new double[][] {in[0]});
        try (CheckRun.Session session = run.open(changing, DType.F32)) {
            Distance distance = session.forward();
            assertEquals("input x, changed", distance.what());
            assertTrue(Double.isNaN(distance.error()));
        }
        KernelCheck overwriting = new KernelCheck("overwriting", "")
                .activation("x", 4)
                .output(4)
                .forward((kernels, out, in) -> kernels.pointwise().scale(out[0], in[0], 3))
                .backward((kernels, gradients, gradOut, out, in) ->
                        kernels.pointwise().scale(gradients[0], gradOut, 3))
                .definition(in -> PointwiseChecks.each(in[0], x -> 3 * x));
        try (CheckRun.Session session = run.open(overwriting, DType.F32)) {
            assertTrue(session.forward().error() < 1e-6);
            assertTrue(session.backward().orElseThrow().error() > 0.1);
        }
    }

    @Test
    void seesBytesAroundATensorThatChange() {
        var run = new CheckRun(Devices.one().kernels(), CpuMemory::allocate, 64);
        KernelCheck stray = new KernelCheck("stray", "")
                .fixedActivation("x", 4)
                .output(4)
                .forward((kernels, out, in) -> {
                    kernels.pointwise().scale(out[0], in[0], 1);
                    // one element before the tensor
                    MemorySegment.ofAddress(out[0].address() - 4).reinterpret(4).set(ValueLayout.JAVA_INT, 0, 1);
                })
                .definition(in -> new double[][] {in[0]});
        try (CheckRun.Session session = run.open(stray, DType.F32)) {
            assertEquals("bytes around output 0", session.forward().what());
        }
    }
}
