package mezzotint.ptx;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.cuda.LaunchGrid;

/** Runs one instruction on 32 lanes, and with some of them switched off. */
final class OneOp {
    private static final int LANES = 32;

    private OneOp() {}

    /**
     * The results of {@code instruction out, a, b, c} on each lane.
     *
     * @param out type of the result, as {@code s32}
     * @param in types of the operands; {@code literal:7} for a number in the text
     * @param values bits of the operands, 32 for each
     * @return bits of the results
     */
    static long[] run(String instruction, String out, String[] in, long[]... values) {
        var body = new StringBuilder();
        var operands = new StringBuilder(register(out, 9));
        for (int i = 0; i < in.length; i++) {
            if (in[i].startsWith("literal:")) {
                operands.append(", ").append(in[i].substring(8));
                continue;
            }
            body.append("ld.global.%s %s, [%%l0+%d];\n".formatted(width(in[i]), register(in[i], i + 1), 8 * i));
            operands.append(", ").append(register(in[i], i + 1));
        }
        // Odd lanes alone first, so that the masked form of the instruction runs too, then even ones.
        body.append("and.b32 %r60, %r0, 1;\nsetp.ne.s32 %p1, %r60, 0;\n");
        body.append("@%p1 bra ODD;\n");
        body.append("%s %s;\nbra DONE;\nODD:\n%s %s;\nDONE:\n".formatted(instruction, operands, instruction, operands));
        body.append("st.global.%s [%%l1], %s;\n".formatted(width(out), register(out, 9)));
        String ptx = PtxText.module("", ".param .u64 in, .param .u64 out", """
            ld.param.u64 %l40, [in];
            ld.param.u64 %l41, [out];
            mov.u32 %r0, %tid.x;
            mul.wide.u32 %l42, %r0, 32;
            add.s64 %l0, %l40, %l42;
            mul.wide.u32 %l43, %r0, 8;
            add.s64 %l1, %l41, %l43;
            """ + body);
        return launch(ptx, in.length, values);
    }

    private static long[] launch(String ptx, int operands, long[][] values) {
        long[] interleaved = new long[4 * LANES];
        for (int i = 0; i < operands; i++) {
            for (int lane = 0; lane < LANES; lane++) {
                interleaved[4 * lane + i] = values[i][lane];
            }
        }
        long[] results = new long[LANES];
        try (var bench = new PtxWorkbench()) {
            bench.load(ptx);
            long from = bench.upload(MemorySegment.ofArray(interleaved));
            long to = bench.upload(MemorySegment.ofArray(results));
            bench.launch("k", LaunchGrid.of(1, LANES), a -> a.wide(from).wide(to));
            bench.download(to, MemorySegment.ofArray(results));
        }
        return results;
    }

    private static String width(String type) {
        return switch (type) {
            case "bf16", "f16" -> "b16";
            case "bf16x2", "f16x2" -> "b32";
            default -> type;
        };
    }

    private static String register(String type, int index) {
        return switch (type) {
            case "f32" -> "%f" + index;
            case "f64" -> "%d" + index;
            case "s64", "u64", "b64" -> "%l" + (10 + index);
            case "s16", "u16", "b16", "f16", "bf16" -> "%h" + index;
            default -> "%r" + index;
        };
    }
}
