package mezzotint.kernel.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import mezzotint.kernel.evidence.SassCounts.Operation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PtxAssemblerTest {
    private static PtxAssembler assembler;
    private static String known;

    @BeforeAll
    static void open() throws IOException {
        assembler = PtxAssembler.open();
        try (InputStream in = PtxAssemblerTest.class.getResourceAsStream("/ptx/known.ptx")) {
            known = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @AfterAll
    static void close() {
        assembler.close();
    }

    /** The numbers are those of the file, counted by eye. */
    @ParameterizedTest
    @EnumSource
    void countsTheInstructionsOfAKernelThatIsKnown(Architecture architecture) {
        AssembledKernel kernel = assembler.assemble(known, architecture).getFirst();
        assertEquals("known", kernel.name());
        assertEquals(2048, kernel.sharedBytes());
        assertTrue(kernel.keepsAllInRegisters());
        assertTrue(kernel.registers() >= 16 && kernel.registers() <= 64, kernel.toString());
        assertEquals(
                Map.ofEntries(
                        Map.entry(Operation.HMMA, 1),
                        Map.entry(Operation.LDG, 3),
                        Map.entry(Operation.STG, 6),
                        Map.entry(Operation.LDGSTS, 1),
                        Map.entry(Operation.LDS, 2),
                        Map.entry(Operation.STS, 1),
                        Map.entry(Operation.LDSM, 1),
                        Map.entry(Operation.MUFU, 2),
                        Map.entry(Operation.FFMA, 3),
                        Map.entry(Operation.SHFL, 1),
                        Map.entry(Operation.BAR, 3)),
                kernel.code().byOperation());
        assertEquals(
                Map.of(Operation.LDG, 2, Operation.STG, 1, Operation.LDGSTS, 1, Operation.LDS, 1),
                kernel.code().wide());
        assertEquals(3.0 / 9, kernel.code().wideShare(Operation.LDG, Operation.STG));
    }

    /** An array that is indexed by what is known at run time only cannot lie in registers. */
    @ParameterizedTest
    @EnumSource
    void seesLocalMemory(Architecture architecture) {
        String ptx = """
            .version 8.0
            .target sm_80
            .address_size 64
            .visible .entry indexed(.param .u64 out, .param .u32 at) {
                .reg .b64 %rd<6>;
                .reg .b32 %r<4>;
                .local .align 16 .b8 array[64];
                mov.u64 %rd1, array;
                ld.param.u64 %rd2, [out];
                ld.param.u32 %r1, [at];
                st.local.u32 [%rd1], %r1;
                st.local.u32 [%rd1+4], 7;
                mul.wide.u32 %rd3, %r1, 4;
                add.s64 %rd4, %rd1, %rd3;
                ld.local.u32 %r2, [%rd4];
                st.global.u32 [%rd2], %r2;
                ret;
            }
            """;
        AssembledKernel kernel = assembler.assemble(ptx, architecture).getFirst();
        assertEquals(64, kernel.stackBytes());
        assertFalse(kernel.keepsAllInRegisters());
        assertTrue(kernel.code().of(Operation.LDL) > 0 && kernel.code().of(Operation.STL) > 0, kernel.toString());
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatItDoesNotTake(Architecture architecture) {
        var refused = assertThrows(
                PtxAssemblyException.class,
                () -> assembler.assemble(known.replaceFirst("bar\\.sync", "bar.sink"), architecture));
        assertTrue(
                refused.getMessage()
                        .startsWith("ptxas for " + architecture.target()
                                + ": ptxas application ptx input, line 28; error   : Unknown modifier '.sink'"),
                refused.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void takesATextWithoutKernels(Architecture architecture) {
        assertEquals(List.of(), assembler.assemble(".version 8.0\n.target sm_80\n.address_size 64\n", architecture));
    }
}
