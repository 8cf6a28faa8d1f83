package mezzotint.cuda;

import static mezzotint.cuda.Mutant.ofPtx;
import static mezzotint.cuda.Mutant.ofSource;
import static mezzotint.cuda.PtxPatterns.BARRIER;

import java.util.List;

/** The bugs that are planted into the kernels of encoders and autoencoders. */
final class EncoderMutants {
    private EncoderMutants() {}

    static List<Mutant> inPtx() {
        String convolution = "convolution";
        String group = "group_norm";
        return List.of(
                ofPtx(
                        convolution,
                        "convolution_forward",
                        convolution,
                        "no barrier before a tile is overwritten",
                        BARRIER,
                        1,
                        ""),
                ofPtx(
                        convolution,
                        "convolution_forward",
                        convolution,
                        "no barrier before a tile is read",
                        BARRIER,
                        2,
                        ""),
                ofPtx(
                        convolution,
                        "convolution_weight_slices",
                        convolution,
                        "no barrier before a tile is overwritten",
                        BARRIER,
                        1,
                        ""),
                ofPtx(
                        convolution,
                        "convolution_direct_weight_slices",
                        convolution,
                        "no barrier before the warps' sums are added",
                        BARRIER,
                        1,
                        ""),
                ofPtx(group, "group_norm_statistics", group, "no barrier between a group's two sums", BARRIER, 3, ""),
                ofPtx(
                        "softmax",
                        "softmax_forward",
                        "softmax",
                        "a shuffle of distance 8 instead of 16",
                        "(mov\\.u32 \\t%r\\d+), 16;",
                        1,
                        "$1, 8;"),
                ofPtx("layout", "layout_transpose", "permute", "no barrier between in and out", BARRIER, 1, ""));
    }

    static List<Mutant> inSources() {
        String convolution = "convolution";
        return List.of(
                ofSource(
                        convolution,
                        "convolution.cuh",
                        convolution,
                        "a backward's rows go by the column of the tap",
                        "BACK ? row - u : row + u",
                        "BACK ? row - v : row + u"),
                ofSource(
                        convolution,
                        "convolution.cuh",
                        convolution,
                        "taps between two columns count too",
                        "r % p.stride != 0 || c % p.stride != 0",
                        "r % p.stride != 0"),
                ofSource(
                        convolution,
                        "convolution.cuh",
                        convolution,
                        "a slice of pixels takes the first of the next",
                        "min(p.pixels(), (slice + 1) * piece)",
                        "min(p.pixels(), (slice + 1) * piece + 1)"),
                ofSource(
                        convolution,
                        "convolution.cu",
                        convolution,
                        "a backward takes the first group's weights for all",
                        "column / perGroup * deep + k % deep",
                        "k % deep"),
                ofSource(
                        "group_norm",
                        "group_norm.cu",
                        "group_norm",
                        "the variance is of x, not of x − mean",
                        "squares / count - exact * exact",
                        "squares / count"),
                ofSource(
                        "layer_norm",
                        "columns.cuh",
                        "layer_norm",
                        "a piece takes the first row of the next",
                        "row < end; row += PLANE_ROWS",
                        "row <= end; row += PLANE_ROWS"),
                ofSource(
                        "softmax",
                        "softmax.cu",
                        "softmax",
                        "the first sample's mask for all",
                        "row / (h * l) * l + row % l",
                        "row % l"),
                ofSource(
                        "activation",
                        "activation.cu",
                        "divide_by_last",
                        "the divisor's gradient has the wrong sign",
                        "gradX[columns] -= sum / last",
                        "gradX[columns] += sum / last"),
                ofSource(
                        "pooling",
                        "pooling.cu",
                        "max_pool",
                        "a pixel gets the gradients of windows whose largest came before it",
                        "index[at] == own",
                        "index[at] <= own"),
                ofSource(
                        "resample",
                        "resample.cu",
                        "resample",
                        "the last result over a pixel gives it nothing",
                        "end = i + 1",
                        "end = i"));
    }
}
