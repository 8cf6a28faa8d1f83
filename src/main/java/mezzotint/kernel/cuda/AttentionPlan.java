package mezzotint.kernel.cuda;

import java.util.Objects;
import java.util.stream.Stream;
import mezzotint.kernel.AttentionInputs;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * Which kernels of {@code attention.cu} a call takes, and their geometry: tensor cores for bf16 heads of 32, 64 or 128, else
 * float32 multiply-adds in tiles of {@link #tileWidth} columns.
 *
 * @param batch B
 * @param heads H
 * @param queries L
 * @param text T
 * @param image K
 * @param width d
 * @param dtype of all tensors but logSumExp and the mask
 * @param wide whether every tensor's rows of d start at multiples of 16 bytes
 * @param tensorCores whether {@code attention_mma.cuh} does it
 */
record AttentionPlan(
        int batch,
        int heads,
        int queries,
        int text,
        int image,
        int width,
        DType dtype,
        boolean wide,
        boolean tensorCores) {
    private static final int ALIGNMENT = 16;
    private static final int COLUMNS = 32;
    private static final int THREADS = 128;

    /** The plan for inputs and those other tensors, none null, that have rows of d. */
    static AttentionPlan of(AttentionInputs in, Stream<Tensor> others) {
        var shape = in.query().shape();
        int width = shape.size(3);
        DType dtype = in.query().dtype();
        boolean wide = width * dtype.bytes() % ALIGNMENT == 0
                && Stream.concat(tensors(in), others).allMatch(x -> x.address() % ALIGNMENT == 0);
        // The tensor-core forward takes the highest product for the highest score.
        boolean tensorCores =
                dtype == DType.BF16 && wide && in.scale() > 0 && (width == 32 || width == 64 || width == 128);
        return new AttentionPlan(
                shape.size(0),
                shape.size(1),
                shape.size(2),
                in.textTokens(),
                in.keys().shape().size(2),
                width,
                dtype,
                wide,
                tensorCores);
    }

    /** The tensors with rows of d that are there. */
    static Stream<Tensor> tensors(AttentionInputs x) {
        return Stream.of(x.query(), x.textKeys(), x.textValues(), x.keys(), x.values())
                .filter(Objects::nonNull);
    }

    /** Columns of a tile in shared memory; wider heads are cut into parts. */
    private int tileWidth() {
        return dtype == DType.BF16 || width > 32 && width <= 64 ? 64 : width <= 32 ? 32 : 128;
    }

    private int parts() {
        return tensorCores ? 1 : (width + tileWidth() - 1) / tileWidth();
    }

    /** End of the kernels' names. */
    String variant() {
        return (tensorCores ? "_d" + width : "_w" + tileWidth()) + CudaLauncher.suffix(dtype);
    }

    /** B·H·L. */
    long queryRows() {
        return (long) batch * heads * queries;
    }

    /** T + K. */
    int keyRows() {
        return text + image;
    }

    LaunchGrid forward() {
        if (tensorCores) {
            int columns = width == 64 ? 64 : 32;
            return grid(blocks(queries, 128), THREADS, (128 + 4 * columns) * 2 * width);
        }
        return grid(
                blocks(queries, 64),
                tileWidth() == 128 ? THREADS : 64,
                4 * ((64 + 2 * COLUMNS) * pitch() + 64 * (COLUMNS + 8)));
    }

    LaunchGrid backwardQuery() {
        if (tensorCores) {
            int rows = width == 128 ? 64 : 128;
            return grid(blocks(queries, rows), THREADS, (2 * rows + 4 * COLUMNS) * 2 * width);
        }
        return grid(blocks(queries, backwardRows()), THREADS, backwardShared());
    }

    LaunchGrid backwardKeys() {
        if (tensorCores) {
            return grid(blocks(text, 64) + blocks(image, 64), THREADS, (128 + 4 * COLUMNS) * 2 * width + 16 * COLUMNS);
        }
        return grid(blocks(text, backwardRows()) + blocks(image, backwardRows()), THREADS, backwardShared());
    }

    private int pitch() {
        return tileWidth() + 4;
    }

    private int backwardRows() {
        return tileWidth() == 128 ? 32 : 64;
    }

    private int backwardShared() {
        return 4 * (2 * (backwardRows() + COLUMNS) * pitch() + backwardRows() * (COLUMNS + 8));
    }

    private static long blocks(int rows, int each) {
        return ((long) rows + each - 1) / each;
    }

    private LaunchGrid grid(long blocks, int threads, int sharedBytes) {
        return LaunchGrid.of(Math.multiplyExact((long) batch * heads * parts(), blocks), threads)
                .withShared(sharedBytes);
    }
}
