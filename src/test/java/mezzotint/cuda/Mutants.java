package mezzotint.cuda;

import static mezzotint.cuda.Mutant.ofPtx;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The bugs that are planted into the PTX, one edit each. */
final class Mutants {
    private static final String BARRIER = "bar\\.sync \\t0;";
    private static final String SHUFFLE = "(shfl\\.sync\\.bfly\\.b32 \\t%r\\d+\\|%p\\d+, %r\\d+, )(%r\\d+)(, .*;)";
    private static final String SUBTRACT = "sub\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+);";
    private static final String ADD = "add\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+);";
    private static final String MULTIPLY = "mul\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+);";
    private static final String DIVIDE = "div\\.rn\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+);";
    private static final String FMA = "fma\\.rn\\.f32 (\\t%f\\d+), (%f\\d+), (%f\\d+), (%f\\d+);";
    private static final String NARROW = "cvt\\.rn\\.bf16x2\\.f32 (%r\\d+), (%f\\d+), (%f\\d+);";

    private Mutants() {}

    /** All of them. */
    static List<Mutant> inPtx() {
        return Stream.of(norms(), heads(), pointwise(), tokens(), training(), matmul(), attention())
                .flatMap(List::stream)
                .toList();
    }

    /** Why bugs that nothing sees are none after all, by what they are called. */
    static Map<String, String> whySomeSurvive() {
        return Map.of();
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
                ofPtx(rms, "rms_norm_forward_f32", rms, "Σ x² instead of its mean", DIVIDE, 2, "mov.f32 $1, $2;"),
                ofPtx(
                        rms,
                        "rms_norm_forward_f32",
                        rms,
                        "a row too many is written",
                        "setp\\.ge\\.s64 (.*;)",
                        2,
                        "setp.gt.s64 $1"),
                ofPtx(
                        rms,
                        "rms_norm_forward_f32",
                        rms,
                        "two elements of a store swapped",
                        "(st\\.global\\.v4\\.f32 .*\\{)(%f\\d+), (%f\\d+),",
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
                        "the mean of g · x̂ is not divided by D",
                        DIVIDE,
                        1,
                        "mov.f32 $1, $2;"),
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
                        3,
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
                        "ld\\.global\\.nc\\.v4\\.f32 \\t\\{(%f\\d+), (%f\\d+), ",
                        1,
                        "ld.global.nc.v4.f32 \t{$2, $1, "),
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
                        "0.047715 instead of 0.044715",
                        "0f3D372713",
                        1,
                        "0f3D437317"),
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

    private static List<Mutant> matmul() {
        String matmul = "matmul";
        return List.of(
                ofPtx(
                        matmul,
                        "matmul_bf16_64x64_nn",
                        matmul,
                        "one copy more may be in flight",
                        "cp\\.async\\.wait_group 2;",
                        1,
                        "cp.async.wait_group 3;"),
                ofPtx(matmul, "matmul_bf16_64x64_nn", matmul, "no barrier in the loop over the depth", BARRIER, 2, ""),
                ofPtx(
                        matmul,
                        "matmul_bf16_64x64_nn",
                        matmul,
                        "another swizzle of b's rows",
                        "xor\\.b32  (\\t%r\\d+), (%r\\d+), (%r\\d+);",
                        2,
                        "mov.b32 $1, $2;"),
                ofPtx(
                        matmul,
                        "matmul_bf16_64x64_nt",
                        matmul,
                        "b's fragment transposed",
                        "ldmatrix\\.sync\\.aligned\\.m8n8\\.x4\\.shared",
                        3,
                        "ldmatrix.sync.aligned.m8n8.x4.trans.shared"),
                ofPtx(
                        matmul,
                        "matmul_bf16_128x128_nt",
                        matmul,
                        "a group of copies is never closed",
                        "cp\\.async\\.commit_group;",
                        2,
                        ""),
                ofPtx(
                        matmul,
                        "matmul_bf16_128x256_nn",
                        matmul,
                        "no zeros beyond the end of the depth",
                        "(cp\\.async\\.cg\\.shared\\.global \\[%r\\d+\\], \\[%rd\\d+\\], 16), %r\\d+;",
                        0,
                        "$1;"),
                ofPtx(matmul, "matmul_f32_64x64", matmul, "no barrier before a tile is overwritten", BARRIER, 2, ""),
                ofPtx(
                        matmul,
                        "matmul_f32_128x128",
                        matmul,
                        "one of 64 sums starts anew",
                        FMA,
                        100,
                        "mul.f32 $1, $2, $3;"),
                ofPtx(matmul, "matmul_add_slices_f32", matmul, "a slice is left out", ADD, 12, "mov.f32 $1, $2;"),
                ofPtx(
                        matmul,
                        "matmul_add_sums",
                        "column",
                        "no barrier before the warps' sums are read",
                        BARRIER,
                        1,
                        ""));
    }

    private static List<Mutant> attention() {
        String attention = "attention";
        return List.of(
                ofPtx(
                        attention,
                        "attention_forward_d64_bf16",
                        attention,
                        "keys are not waited for",
                        "cp\\.async\\.wait_all;",
                        1,
                        ""),
                ofPtx(
                        attention,
                        "attention_forward_d64_bf16",
                        attention,
                        "no barrier after a tile of keys has come",
                        BARRIER,
                        1,
                        ""),
                ofPtx(
                        attention,
                        "attention_forward_d64_bf16",
                        attention,
                        "one key's mask is ignored",
                        "selp\\.f32 (\\t%f\\d+), (%f\\d+), 0fFF800000, %p\\d+;",
                        3,
                        "mov.f32 $1, $2;"),
                ofPtx(
                        attention,
                        "attention_forward_d64_bf16",
                        attention,
                        "fragments of P swapped",
                        NARROW,
                        2,
                        "cvt.rn.bf16x2.f32 $1, $3, $2;"),
                ofPtx(
                        attention,
                        "attention_forward_d64_bf16",
                        attention,
                        "a row's largest score is sought in half of its lanes",
                        SHUFFLE,
                        1,
                        "$1 4$3"),
                ofPtx(
                        attention,
                        "attention_forward_w64_f32",
                        attention,
                        "no barrier before a tile of keys is overwritten",
                        BARRIER,
                        2,
                        ""),
                ofPtx(
                        attention,
                        "attention_forward_w128_f32",
                        attention,
                        "a key too many at the end",
                        "setp\\.ge\\.s32 (.*;)",
                        9,
                        "setp.gt.s32 $1"),
                ofPtx(
                        attention,
                        "attention_backward_keys_d64_bf16",
                        attention,
                        "queries are not waited for",
                        "cp\\.async\\.wait_all;",
                        1,
                        ""),
                ofPtx(
                        attention,
                        "attention_backward_keys_d64_bf16",
                        attention,
                        "no barrier before a tile is overwritten",
                        BARRIER,
                        2,
                        ""),
                ofPtx(
                        attention,
                        "attention_backward_keys_d64_bf16",
                        attention,
                        "Δ is not subtracted from one score's gradient",
                        SUBTRACT,
                        5,
                        "mov.f32 $1, $2;"),
                ofPtx(
                        attention,
                        "attention_backward_query_d64_bf16",
                        attention,
                        "a fragment of the keys transposed",
                        "ldmatrix\\.sync\\.aligned\\.m8n8\\.x4\\.trans\\.shared",
                        1,
                        "ldmatrix.sync.aligned.m8n8.x4.shared"),
                ofPtx(
                        attention,
                        "attention_backward_query_w64_f32",
                        attention,
                        "no barrier before a tile of keys is overwritten",
                        BARRIER,
                        3,
                        ""),
                ofPtx(
                        attention,
                        "attention_delta_f32",
                        attention,
                        "one product of out · gradOut is left out",
                        FMA,
                        4,
                        "mov.f32 $1, $4;"));
    }
}
