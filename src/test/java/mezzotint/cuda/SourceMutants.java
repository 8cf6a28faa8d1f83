package mezzotint.cuda;

import static mezzotint.cuda.Mutant.ofSource;

import java.util.List;
import java.util.stream.Stream;

/** The bugs that are planted into the sources, where nvcc is there to compile them. */
final class SourceMutants {
    private SourceMutants() {}

    /** All of them; the cheap ones to compile come first. */
    static List<Mutant> all() {
        return Stream.concat(ofDenoiser().stream(), EncoderMutants.inSources().stream())
                .toList();
    }

    private static List<Mutant> ofDenoiser() {
        return List.of(
                ofSource(
                        "rms_norm",
                        "rows.cuh",
                        "rms_norm",
                        "a warp too many is summed",
                        "i < static_cast<int>(blockDim.x >> 5) * COUNT",
                        "i <= static_cast<int>(blockDim.x >> 5) * COUNT"),
                ofSource(
                        "rms_norm",
                        "rms_norm.cu",
                        "rms_norm",
                        "gradX without its second term",
                        "sum[j] += r * (g[j] * factor[j] - value[j] * r * mean);",
                        "sum[j] += r * (g[j] * factor[j]);"),
                ofSource(
                        "rms_norm",
                        "rms_norm.cu",
                        "rms_norm",
                        "the last row of a piece counts twice",
                        "const bool there = column < d && row + k < end;",
                        "const bool there = column < d && row + k <= end;"),
                ofSource(
                        "ada_layer_norm",
                        "ada_layer_norm.cu",
                        "ada_layer_norm",
                        "the variance is of x, not of x − mean",
                        "factors[row] += (values[j] - means[row]) * (values[j] - means[row]);",
                        "factors[row] += values[j] * values[j];"),
                ofSource(
                        "ada_layer_norm",
                        "ada_layer_norm.cu",
                        "ada_layer_norm",
                        "the modulation of the first sample for all",
                        "widen(gain, read<T, V>(scale + sample * d + column));\n            widen(offset",
                        "widen(gain, read<T, V>(scale + column));\n            widen(offset"),
                ofSource(
                        "rope",
                        "rows.cuh",
                        "rope",
                        "every other pair is turned the wrong way",
                        "x[j + 1] = table[j] * odd + SIGN * table[j + 1] * even;",
                        "x[j + 1] = table[j] * odd - SIGN * table[j + 1] * even;"),
                ofSource(
                        "update",
                        "update.cu",
                        "adam_w",
                        "the gradient's scale is not squared in the second moment",
                        "return fmaf(in.second.get(j), beta2, second_weight * g * g);",
                        "return fmaf(in.second.get(j), beta2, second_weight * g * in.gradient.get(j));"),
                ofSource(
                        "update",
                        "update.cu",
                        "adam_w",
                        "eps under the root",
                        "__fsqrt_rn(in.second.get(j)) / root + eps",
                        "__fsqrt_rn(in.second.get(j) + eps * eps * 1e13f) / root"),
                ofSource(
                        "update",
                        "update.cu",
                        "sum_of",
                        "the end of a piece is left out",
                        "long long rest = end - end % N + threadIdx.x;",
                        "long long rest = end - end % N + threadIdx.x + 1;"),
                ofSource(
                        "flow_match",
                        "philox.cuh",
                        "flow_match normal",
                        "nine rounds of Philox",
                        "round < 10",
                        "round < 9"),
                ofSource(
                        "flow_match",
                        "philox.cuh",
                        "flow_match normal",
                        "sine where cosine belongs",
                        "static_cast<float>(radius * of_angle.cosine), static_cast<float>(radius * of_angle.sine)",
                        "static_cast<float>(radius * of_angle.sine), static_cast<float>(radius * of_angle.cosine)"),
                ofSource(
                        "tokens",
                        "tokens.cu",
                        "patchify",
                        "lines of every colour but the first lie too far down",
                        "(threadIdx.x - c * of.patch)) * of.width",
                        "threadIdx.x) * of.width"),
                ofSource(
                        "matmul",
                        "matmul_bf16.cuh",
                        "matmul",
                        "the swizzle is another one where fragments are read",
                        "base = DEEP_ROWS ? Operand<LANES, true, 256>::place(row, first_lane / 8 + half)",
                        "base = DEEP_ROWS ? Operand<LANES, true, 256>::place(row, first_lane / 8 + (half ^ 1))"),
                ofSource(
                        "matmul",
                        "matmul_bf16.cuh",
                        "matmul",
                        "no zeros beyond the end of the depth",
                        "DEEP_ROWS ? lane < lanes && deep + below < depth : lane + below < lanes && deep < depth;",
                        "DEEP_ROWS ? lane < lanes : lane + below < lanes;"),
                ofSource(
                        "matmul",
                        "matmul_bf16.cuh",
                        "matmul",
                        "a stage is read before its copies have come",
                        "            reading = advance(reading);\n            await_copies<STAGES - 2>();",
                        "            reading = advance(reading);\n            await_copies<STAGES - 1>();"),
                ofSource(
                        "attention",
                        "attention_mma_forward.cuh",
                        "attention",
                        "the sums are not rescaled with a new maximum",
                        "sums[i][n][2 * r + 1] *= shrink;",
                        ""),
                ofSource(
                        "attention",
                        "attention_mma_forward.cuh",
                        "attention",
                        "logSumExp in base 2",
                        "(references[i / 2][i % 2] * scale2 - log2_fast(factors[i / 2][i % 2])) * LN_2;",
                        "(references[i / 2][i % 2] * scale2 - log2_fast(factors[i / 2][i % 2]));"),
                ofSource(
                        "attention",
                        "attention.cuh",
                        "attention",
                        "the mask is read one token too far",
                        "Bits real = __ballot_sync(FULL_WARP, mine < text && mask[mine] != 0);",
                        "Bits real = __ballot_sync(FULL_WARP, mine <= text && mask[mine] != 0);"),
                ofSource(
                        "attention",
                        "attention_mma_backward.cuh",
                        "attention",
                        "gradient of the keys without its scale",
                        "const float factors[1][2] = {{in.scale, in.scale}};",
                        "const float factors[1][2] = {{1, 1}};"),
                ofSource(
                        "attention",
                        "attention_mma_backward.cuh",
                        "attention",
                        "the queries' copies go on while they are read",
                        "for (int first = 0; first < in.queries; first += N) {\n        wait_for_copies();",
                        "for (int first = 0; first < in.queries; first += N) {"));
    }
}
