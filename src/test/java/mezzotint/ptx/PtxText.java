package mezzotint.ptx;

/** Writes small PTX texts for tests. */
final class PtxText {
    private static final String HEADER = """
        .version 8.0
        .target sm_80
        .address_size 64
        """;
    private static final String REGISTERS = """
        .reg .pred %p<16>;
        .reg .b16 %h<32>;
        .reg .b32 %r<64>;
        .reg .f32 %f<64>;
        .reg .b64 %l<64>;
        .reg .f64 %d<32>;
        """;

    private PtxText() {}

    /** A module with variables before its one kernel {@code k}. */
    static String module(String variables, String parameters, String body) {
        return HEADER + variables + "\n.visible .entry k(" + parameters + ")\n{\n" + REGISTERS + body + "\nret;\n}\n";
    }

    /** A kernel {@code k(u64 out)} whose address is in {@code %l0} and whose thread's number in {@code %r0}. */
    static String withOutput(String variables, String body) {
        return module(variables, ".param .u64 out", """
            ld.param.u64 %l0, [out];
            mov.u32 %r0, %tid.x;
            """ + body);
    }

    /** As {@link #withOutput} without variables. */
    static String withOutput(String body) {
        return withOutput("", body);
    }

    /** The line of the first text line that contains {@code part}, from 1. */
    static int lineOf(String ptx, String part) {
        return ptx.substring(0, ptx.indexOf(part)).split("\n", -1).length;
    }
}
