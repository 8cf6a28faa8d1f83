package mezzotint.cuda;

/** Regular expressions of instructions that bugs are planted into; operands are the groups. */
final class PtxPatterns {
    static final String BARRIER = "bar\\.sync \\t0;";
    static final String SHUFFLE = "(shfl\\.sync\\.bfly\\.b32 \\t%r\\d+\\|%p\\d+, %r\\d+, )(%r\\d+)(, .*;)";
    static final String SUBTRACT = "sub\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+);";
    static final String ADD = "add\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+);";
    static final String MULTIPLY = "mul\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+);";
    static final String FMA = "fma\\.rn\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+), (%f\\d+);";
    static final String NARROW = "cvt\\.rn\\.bf16x2\\.f32 (%r\\d+), (%f\\d+), (%f\\d+);";

    private PtxPatterns() {}
}
