package mezzotint.cuda;

import static mezzotint.cuda.Mutant.ofPtx;
import static mezzotint.cuda.PtxPatterns.ADD;
import static mezzotint.cuda.PtxPatterns.BARRIER;
import static mezzotint.cuda.PtxPatterns.FMA;
import static mezzotint.cuda.PtxPatterns.MULTIPLY;
import static mezzotint.cuda.PtxPatterns.NARROW;
import static mezzotint.cuda.PtxPatterns.SHUFFLE;
import static mezzotint.cuda.PtxPatterns.SUBTRACT;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The bugs that are planted into the PTX, one edit each. */
final class Mutants {
    private Mutants() {}

    /** All of them. */
    static List<Mutant> inPtx() {
        return Stream.of(
                        norms(),
                        heads(),
                        pointwise(),
                        tokens(),
                        training(),
                        ProductMutants.matmul(),
                        ProductMutants.attention(),
                        EncoderMutants.inPtx())
                .flatMap(List::stream)
                .toList();
    }

    /** Why bugs that nothing sees are none after all, by what they are called. */
    static Map<String, String> whySomeSurvive() {
        return Map.of(
                "attention_backward_query_w64_f32: no barrier before the queries' place takes their gradients",
                "a row there is read and then written by the lanes of one warp alone, which a warp's barrier orders;"
                        + " the block's barrier is for other kernels that share the function");
    }

    private static List<Mutant> norms() {
        String rms = "rms_norm";
        String ada = "ada_layer_norm";
        return List.of(
                ofPtx(rms, "rms_norm_forward_f32", rms, "no barrier before the warps' sums are read", BARRIER, 1, ""),
                ofPtx(
                        rms,
                        "rms_norm_forward_f32",
                        rms,
                        "a shuffle of distance 8 instead of 16",
                        "(mov\\.u32 \\t%r\\d+), 16;",
                        1,
                        "$1, 8;"),
                ofPtx(
                        rms,
                        "rms_norm_forward_f32",
                        rms,
                        "Σ x² instead of its mean",
                        FMA + "(?=[^;]*rsqrt)",
                        2,
                        "add.f32 $1, $2, $4;"),
                ofPtx(
                        rms,
                        "rms_norm_forward_f32",
                        rms,
                        "a row too many is written",
                        "setp\\.lt\\.s32 (\\t%p\\d+, %r\\d+), 1;",
                        2,
                        "setp.lt.s32 $1, 0;"),
                ofPtx(
                        rms,
                        "rms_norm_forward_f32",
                        rms,
                        "two elements of a store swapped",
                        "(st\\.global\\.v4\\.b32 .*\\{)(%r\\d+), (%r\\d+),",
                        1,
                        "$1$3, $2,"),
                ofPtx(
                        rms,
                        "rms_norm_forward_bf16",
                        rms,
                        "bf16 rounded towards zero",
                        "cvt\\.rn\\.bf16x2\\.f32 (%r\\d+), (%f\\d+), (%f\\d+);",
                        0,
                        "cvt.rz.bf16x2.f32 $1, $2, $3;"),
                ofPtx(
                        rms,
                        "rms_norm_backward_f32",
                        rms,
                        "one buffer of sums for every row: stale shared memory",
                        "xor\\.b32 (.*), 1;",
                        1,
                        "and.b32 $1, 0;"),
                ofPtx(
                        rms,
                        "rms_norm_backward_bf16",
                        rms,
                        "a shuffle of distance 2 instead of 4",
                        "(mov\\.u32 \\t%r\\d+), 4;",
                        1,
                        "$1, 2;"),
                ofPtx(
                        rms,
                        "rms_norm_backward_bf16",
                        rms,
                        "the halves of a bf16 pair swapped",
                        NARROW,
                        3,
                        "cvt.rn.bf16x2.f32 $1, $3, $2;"),
                ofPtx(
                        rms,
                        "rms_norm_backward_f32",
                        rms,
                        "gradX overwritten instead of added to",
                        "ld\\.global\\.v4\\.f32 (\\t?)\\{(%f\\d+), (.*)\\}, .*;",
                        1,
                        "mov.f32 $2, 0f00000000;"),
                ofPtx(rms, "rms_norm_scale", rms, "no barrier in the tree of partial sums", BARRIER, 1, ""),
                ofPtx(
                        rms,
                        "rms_norm_scale",
                        rms,
                        "the last partial sum is left out",
                        "setp\\.ge\\.s64 (\\t%p\\d+), (%rd\\d+), (%rd\\d+);",
                        1,
                        "add.s64 \t$2, $2, 1; setp.ge.s64 $1, $2, $3; sub.s64 \t$2, $2, 1;"),
                ofPtx(ada, "ada_layer_norm_forward_f32", ada, "no barrier before the second sum", BARRIER, 2, ""),
                ofPtx(
                        ada,
                        "ada_layer_norm_forward_f32",
                        ada,
                        "scale instead of 1 + scale",
                        "0f3F800000",
                        1,
                        "0f00000000"),
                ofPtx(
                        ada,
                        "ada_layer_norm_forward_bf16",
                        ada,
                        "x + mean instead of x − mean",
                        SUBTRACT,
                        3,
                        "add.f32 $1, $2, $3;"),
                ofPtx(
                        ada,
                        "ada_layer_norm_backward_f32",
                        ada,
                        "no barrier before the warps' sums are read",
                        BARRIER,
                        1,
                        ""),
                ofPtx(
                        ada,
                        "ada_layer_norm_sums_f32",
                        ada,
                        "gradScale overwritten instead of added to",
                        "st\\.global\\.f32 (.*), (%f\\d+);",
                        1,
                        "st.global.f32 $1, %f41;"));
    }

    private static List<Mutant> heads() {
        String qk = "qk_norm";
        return List.of(
                ofPtx(
                        qk,
                        "qk_norm_forward_f32",
                        qk,
                        "turned the other way: + instead of −",
                        SUBTRACT,
                        1,
                        "add.f32 $1, $2, $3;"),
                ofPtx(
                        qk,
                        "qk_norm_forward_f32",
                        qk,
                        "the sum over a head's lanes shuffles with itself",
                        SHUFFLE,
                        1,
                        "$1 0$3"),
                ofPtx(qk, "qk_norm_backward_f32", qk, "turned the wrong way back", SUBTRACT, 3, "add.f32 $1, $2, $3;"),
                ofPtx(
                        "rope",
                        "rope_forward_f32",
                        "rope",
                        "cosine and sine swapped",
                        "ld\\.global\\.nc\\.v4\\.u32 (\\t?)\\{(%r\\d+), (%r\\d+), ",
                        1,
                        "ld.global.nc.v4.u32 $1{$3, $2, "),
                ofPtx(
                        "rope",
                        "rope_backward_bf16",
                        "rope",
                        "the sine keeps its sign",
                        SUBTRACT,
                        2,
                        "add.f32 $1, $2, $3;"),
                ofPtx(
                        "geglu",
                        "geglu_forward_f32",
                        "geglu",
                        "another coefficient of x³",
                        "0fBDD2D3E8",
                        1,
                        "0fBDE2D3E8"),
                ofPtx(
                        "geglu",
                        "geglu_forward_f32",
                        "geglu",
                        "an element too many",
                        "setp\\.ge\\.s64 (.*;)",
                        3,
                        "setp.gt.s64 $1"),
                ofPtx(
                        "geglu",
                        "geglu_backward_bf16",
                        "geglu",
                        "gradients of neighbours swapped",
                        NARROW,
                        2,
                        "cvt.rn.bf16x2.f32 $1, $3, $2;"));
    }

    private static List<Mutant> pointwise() {
        String pointwise = "pointwise";
        return List.of(
                ofPtx(
                        pointwise,
                        "silu_f32",
                        "silu",
                        "an element too many at the end",
                        "setp\\.ge\\.s64 (.*;)",
                        3,
                        "setp.gt.s64 $1"),
                ofPtx(
                        pointwise,
                        "silu_backward_f32",
                        "silu",
                        "σ instead of 1 + x·(1 − σ)",
                        "0f3F800000",
                        0,
                        "0f3F000000"),
                ofPtx(
                        pointwise,
                        "gated_residual_backward_wide_f32",
                        "gated",
                        "no barrier before the rows' sums are read",
                        BARRIER,
                        1,
                        ""),
                ofPtx(
                        pointwise,
                        "gate_sums_f32",
                        "gated",
                        "the first piece of a sample is left out",
                        "ld\\.global\\.f32 \\t?(%f\\d+), .*;",
                        1,
                        "mov.f32 \t$1, 0f00000000;"),
                ofPtx(
                        pointwise,
                        "cast_bf16_f32",
                        "cast",
                        "rounded towards zero",
                        "cvt\\.rn\\.bf16\\.f32",
                        1,
                        "cvt.rz.bf16.f32"),
                ofPtx(pointwise, "add_scaled_bf16", "add_scaled", "y is not added to", FMA, 1, "mul.f32 $1, $2, $3;"));
    }

    private static List<Mutant> tokens() {
        String tokens = "tokens";
        return List.of(
                ofPtx(tokens, "patchify_staged_f32_f32", "patchify", "no barrier between in and out", BARRIER, 2, ""),
                ofPtx(
                        tokens,
                        "patchify_staged_bf16_bf16",
                        "patchify",
                        "no barrier before the addresses are read",
                        BARRIER,
                        1,
                        ""),
                ofPtx(
                        tokens,
                        "scatter_rows_f32",
                        "gather",
                        "overwritten instead of added to",
                        ADD,
                        5,
                        "mov.f32 $1, $3;"),
                ofPtx(tokens, "move_rows_f32", "slice", "overwritten instead of added to", ADD, 9, "mov.f32 $1, $3;"),
                ofPtx(
                        tokens,
                        "embed_backward_wide_f32_f32",
                        "embed",
                        "a row that repeats is counted once",
                        ADD,
                        5,
                        "mov.f32 $1, $2;"));
    }

    private static List<Mutant> training() {
        return List.of(
                ofPtx(
                        "flow_match",
                        "combine_f32",
                        "flow_match combine",
                        "α and β swapped",
                        FMA,
                        2,
                        "fma.rn.f32 $1, $3, $4, $2;"),
                ofPtx(
                        "flow_match",
                        "squared_distances_f32",
                        "flow_match mean",
                        "no barrier before the warps' sums are read",
                        BARRIER,
                        2,
                        ""),
                ofPtx(
                        "flow_match",
                        "mean_square",
                        "flow_match mean",
                        "the sum instead of the mean",
                        "div\\.rn\\.f64 (\\t%fd\\d+), (%fd\\d+), (%fd\\d+);",
                        1,
                        "mov.f64 $1, $2;"),
                ofPtx(
                        "flow_match",
                        "normal_f32",
                        "flow_match normal",
                        "another constant in a round of Philox",
                        "3528531795",
                        3,
                        "3528531797"),
                ofPtx(
                        "cosine_similarity",
                        "cosine_similarity_forward_f32",
                        "cosine",
                        "a shuffle of distance 4 instead of 8",
                        "(mov\\.u32 \\t%r\\d+), 8;",
                        1,
                        "$1, 4;"),
                ofPtx("update", "adam_w_f32", "adam_w", "the gradient is not scaled", MULTIPLY, 1, "mov.f32 $1, $2;"),
                ofPtx("update", "squares_f32", "sum_of", "no barrier before the warps' sums are read", BARRIER, 2, ""),
                ofPtx("update", "moving_average", "moving", "the average is not kept", FMA, 3, "mul.f32 $1, $2, $3;"),
                ofPtx(
                        "muon",
                        "muon_normalize_f32",
                        "muon normalize",
                        "eps is left out",
                        "add\\.f64 (\\t%fd\\d+), (%fd\\d+), (%fd\\d+);",
                        1,
                        "mov.f64 $1, $2;"),
                ofPtx("muon", "muon_step_f32", "muon step", "no weight decay", MULTIPLY, 2, "mov.f32 $1, $2;"));
    }
}
