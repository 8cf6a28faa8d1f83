package mezzotint.cuda;

import static mezzotint.cuda.Mutant.ofPtx;
import static mezzotint.cuda.PtxPatterns.ADD;
import static mezzotint.cuda.PtxPatterns.BARRIER;
import static mezzotint.cuda.PtxPatterns.FMA;
import static mezzotint.cuda.PtxPatterns.NARROW;
import static mezzotint.cuda.PtxPatterns.SHUFFLE;
import static mezzotint.cuda.PtxPatterns.SUBTRACT;

import java.util.List;

/** The bugs that are planted into the PTX of products and attention. */
final class ProductMutants {
    private ProductMutants() {}

    static List<Mutant> matmul() {
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

    static List<Mutant> attention() {
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
                        "the mask is read one token too far",
                        "setp\\.ge\\.s32 (.*;)",
                        1,
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
                        "no barrier before the queries' place takes their gradients",
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
