package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.cuda.LaunchGrid;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The example of the package's description: a kernel of one's own, tested with properties and no GPU. */
class PtxWorkbenchTest {
    /** {@code y[i] += a * x[i]} for i < n; a thread an element. */
    private static final String SAXPY = """
        .version 8.0
        .target sm_80
        .address_size 64

        .visible .entry saxpy(.param .u64 y, .param .u64 x, .param .f32 a, .param .u32 n)
        {
            .reg .pred %p<2>;
            .reg .b32 %r<6>;
            .reg .f32 %f<5>;
            .reg .b64 %rd<8>;

            ld.param.u64 %rd1, [y];
            ld.param.u64 %rd2, [x];
            ld.param.f32 %f1, [a];
            ld.param.u32 %r1, [n];
            mov.u32 %r2, %ctaid.x;
            mov.u32 %r3, %ntid.x;
            mov.u32 %r4, %tid.x;
            mad.lo.s32 %r5, %r2, %r3, %r4;
            setp.ge.u32 %p1, %r5, %r1;
            @%p1 bra $END;
            cvta.to.global.u64 %rd3, %rd1;
            cvta.to.global.u64 %rd4, %rd2;
            mul.wide.u32 %rd5, %r5, 4;
            add.s64 %rd6, %rd3, %rd5;
            add.s64 %rd7, %rd4, %rd5;
            ld.global.nc.f32 %f2, [%rd7];
            ld.global.f32 %f3, [%rd6];
            fma.rn.f32 %f4, %f1, %f2, %f3;
            st.global.f32 [%rd6], %f4;
        $END:
            ret;
        }
        """;

    @Property(tries = 30)
    void saxpyAddsTheProduct(
            @ForAll @Size(min = 1, max = 300) float[] x,
            @ForAll @FloatRange(min = -10, max = 10) float a,
            @ForAll @IntRange(min = 1, max = 160) int threads) {
        float[] expected = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            expected[i] = Math.fma(a, x[i], i);
        }
        try (var bench = new PtxWorkbench()) {
            bench.load(SAXPY);
            long from = bench.upload(x);
            float[] ramp = new float[x.length];
            for (int i = 0; i < ramp.length; i++) {
                ramp[i] = i;
            }
            long to = bench.upload(ramp);
            int blocks = (x.length + threads - 1) / threads;
            bench.launch(
                    "saxpy",
                    LaunchGrid.of(blocks, threads),
                    args -> args.wide(to).wide(from).real(a).integer(x.length));
            assertArrayEquals(expected, bench.floats(to, x.length));
        }
    }

    @Test
    void aWrongCountIsCaughtAndTrafficIsTheLeast() {
        try (var bench = new PtxWorkbench()) {
            bench.load(SAXPY);
            long x = bench.upload(new float[1024]);
            long y = bench.upload(new float[1024]);
            LaunchReport report = bench.launch(
                    "saxpy",
                    LaunchGrid.of(8, 128),
                    a -> a.wide(y).wide(x).real(2f).integer(1024));
            assertEquals(2 * 1024 * 4, report.globalLoad().bytesMoved());
            assertEquals(1024 * 4, report.globalStore().bytesMoved());
            assertEquals(1, report.globalLoad().excess());
            assertEquals(2 * 1024, report.flops());
            var fault = assertThrows(
                    KernelFaultException.class,
                    () -> bench.launch(
                            "saxpy",
                            LaunchGrid.of(9, 128),
                            a -> a.wide(y).wide(x).real(2f).integer(1025)));
            assertEquals(FindingKind.OUT_OF_BOUNDS, fault.finding().kind());
            assertEquals(8, fault.finding().block());
            assertEquals(0, fault.finding().thread());
        }
    }

    @Test
    void anEntryThatIsNowhereIsNamed() {
        try (var bench = new PtxWorkbench()) {
            var nothing = assertThrows(CudaException.class, () -> bench.launch("saxpy", LaunchGrid.of(1, 1), _ -> {}));
            assertEquals("no entry saxpy; load a module first", nothing.getMessage());
            bench.load(SAXPY);
            var other = assertThrows(CudaException.class, () -> bench.launch("axpy", LaunchGrid.of(1, 1), _ -> {}));
            assertEquals("no entry axpy; loaded are saxpy", other.getMessage());
        }
    }
}
