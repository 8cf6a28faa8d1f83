package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import mezzotint.kernel.cuda.CudaException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Texts that cannot be loaded say what is wrong and where, and nothing else ever happens. */
class PtxLoadingTest {
    private static final String[] LINES = CompiledKernelsTest.sampler().split("\n", -1);

    private static void load(String ptx) {
        try (var machine = new PtxMachine()) {
            machine.load("m", ptx);
        }
    }

    private static String unknown(String instruction) {
        String ptx = PtxText.withOutput("mov.u32 %r1, 5;\n" + instruction + "\n");
        var refused = assertThrows(UnknownInstructionException.class, () -> load(ptx), instruction);
        assertEquals("k", refused.kernel());
        assertEquals(instruction, refused.instruction());
        assertEquals(PtxText.lineOf(ptx, instruction), refused.line());
        return refused.getMessage();
    }

    @Test
    void anUnknownInstructionIsRefusedWhenItIsLoaded() {
        String message = unknown(
                "tex.2d.v4.f32.s32 {%f1, %f2, %f3, %f4}, [%l1, {%r1, %r2}];".replace("[%l1, {%r1, %r2}]", "%l1"));
        assertTrue(message.startsWith("k: PTX line "), message);
        assertTrue(message.contains("unknown instruction `tex.2d"), message);
        unknown("frobnicate.u32 %r1, %r1;");
    }

    @Test
    void anUnknownFormOfAKnownInstructionIsRefusedToo() {
        unknown("add.rx.f32 %f1, %f1, %f1;");
        unknown("add.u33 %r1, %r1, %r1;");
        unknown("ld.global.v3.u32 {%r1, %r2, %r3}, [%l0];");
        unknown("ld.global.v4.u32 {%r1, %r2, %r3}, [%l0];");
        unknown("mma.sync.aligned.m16n8k16.row.col.f32.s8.s8.f32 {%f1, %f2, %f3, %f4}, {%r1, %r2, %r3, %r4}, {%r5,"
                + " %r6}, {%f1, %f2, %f3, %f4};");
        unknown("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f1, %f2, %f3, %f4}, {%r1, %r2}, {%r5, %r6},"
                + " {%f1, %f2, %f3, %f4};");
        unknown("shfl.sync.swap.b32 %r1, %r1, 1, 31, -1;");
        unknown("cvt.rq.f32.s32 %f1, %r1;");
        unknown("setp.maybe.u32 %p1, %r1, %r2;");
    }

    @Test
    void operandsMustFit() {
        unknown("add.u32 %r1, %r1;");
        unknown("add.u32 %r1, %r1, %r1, %r1;");
        unknown("add.u32 %f1, %p1, %r1;");
        unknown("add.u64 %l1, %r1, %l1;");
        unknown("add.u32 5, %r1, %r1;");
        unknown("bra NOWHERE;");
        unknown("mov.u32 %r1, nothing;");
        unknown("call.uni nothing;");
        unknown("selp.b32 %r1, %r1, %r1, %r1;");
    }

    private static PtxSyntaxException malformed(String ptx) {
        return assertThrows(PtxSyntaxException.class, () -> load(ptx));
    }

    @Test
    void malformedTextNamesItsLine() {
        String good = PtxText.withOutput("add.u32 %r1, %r1, %r1;\n");
        load(good);
        var noSemicolon = malformed(good.replace("add.u32 %r1, %r1, %r1;", "add.u32 %r1, %r1, %r1"));
        assertTrue(noSemicolon.getMessage().startsWith("m.ptx:"), noSemicolon.getMessage());
        var character = malformed(good.replace("add.u32 %r1", "add.u32 ?r1"));
        assertEquals(PtxText.lineOf(good, "add.u32"), character.line());
        malformed(good.replace(".reg .b32 %r<64>", ".reg .b99 %r<64>"));
        malformed(good.replace(".address_size 64", ".address_size 32"));
        malformed(good.replace(".version 8.0", ""));
        malformed(good.replace("%r0, %tid.x", "%r0 %tid.x"));
        malformed(good.replace("mov.u32 %r0", "@%q mov.u32 %r0"));
        malformed(good.replace(".visible", ".texref"));
        malformed("");
        malformed("This is no PTX at all.");
        malformed("/* " + good);
    }

    /** Cut behind whole kernels the text only lacks the tables that its .loc lines name; that is noticed too. */
    @Property(tries = 60)
    void aTextThatIsCutShortIsRefused(@ForAll @IntRange(min = 0, max = 1750) int keep) {
        String cut = Arrays.stream(LINES).limit(keep).collect(Collectors.joining("\n"));
        CudaException refused = assertThrows(PtxException.class, () -> load(cut));
        assertTrue(
                refused.getMessage().contains("line") || refused.getMessage().contains("m.ptx:"), refused.getMessage());
    }

    /** Whatever is done to a line, the text loads or is refused with the line; nothing else comes out. */
    @Property(tries = 60)
    void aDamagedLineNeverDoesAnythingElse(
            @ForAll @IntRange(min = 0, max = 1750) int line, @ForAll @IntRange(min = 0, max = 5) int damage) {
        String[] lines = LINES.clone();
        String text = lines[line];
        lines[line] = switch (damage) {
            case 0 -> "";
            case 1 -> text.substring(0, text.length() / 2);
            case 2 -> text.replace('r', 'd');
            case 3 -> text.replace(",", "");
            case 4 -> text.replace("32", "99999999999999");
            default -> text + text;
        };
        try {
            load(String.join("\n", lines));
        } catch (PtxException expected) {
            assertTrue(expected.line() > 0, expected.getMessage());
        }
    }

    @Test
    void aProgramTellsItsKernels() {
        PtxProgram program = PtxProgram.parse("sampler", CompiledKernelsTest.sampler());
        assertEquals("sampler", program.name());
        assertEquals(List.of("functions", "doubles", "tables", "reverse"), program.entries());
    }
}
