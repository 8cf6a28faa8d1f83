package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.AttentionInputs;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * One call's heads: sizes, padded sizes and the movements between tensors and scratch memory.
 *
 * <p>Products cover whole tiles of R × C. Keys are padded to multiples of R, queries and the head width to multiples of C,
 * in scratch memory alone. Masked text tokens are left out when keys are gathered: their probability is an exact zero and
 * costs nothing.
 */
final class AttentionHeads {
    /** Whole tiles of 12, 6 and 4 rows; those of 14 and 5 need {@link #queryRows spare ones}. */
    static final int QUERY_BLOCK = 96;

    final AttentionInputs in;
    final TileKernel tile;
    final AttentionLoops loops;
    private final BlockCopy blocks;
    final int heads;
    final int queries;
    final int text;
    final int keys;
    /** d, the width of a head. */
    final int width;
    /** d padded to whole tiles. */
    final int padded;
    /** Keys whose scores with a block of queries are held at once, in whole tiles. */
    final int keyBlock;

    AttentionHeads(CpuResources resources, AttentionInputs in, int keysAtOnce) {
        this.in = in;
        tile = TileKernel.of(resources.vectors());
        loops = AttentionLoops.of(resources.vectors());
        blocks = BlockCopy.of(resources.vectors());
        heads = in.query().shape().size(1);
        queries = in.query().shape().size(2);
        text = in.textTokens();
        keys = in.keys().shape().size(2);
        width = in.query().shape().size(3);
        padded = up(width, tile.columns());
        int unit = leastCommonMultiple(tile.rows(), tile.columns());
        keyBlock = Math.min(up(text + keys, unit), Math.max(unit, keysAtOnce / unit * unit));
    }

    static int up(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    private static int leastCommonMultiple(int a, int b) {
        int multiple = a;
        while (multiple % b != 0) {
            multiple += a;
        }
        return multiple;
    }

    /** Keys, text and image, padded to whole tiles. */
    int paddedKeys() {
        return up(text + keys, tile.rows());
    }

    /** Rows of a block of queries in whole tiles, packed or not. */
    int queryRows() {
        return Math.max(up(QUERY_BLOCK, tile.rows()), up(QUERY_BLOCK, tile.packedRows()));
    }

    /** Floats between two keys' rows of scores: room for whole tiles either way, and not a power of two, for the cache. */
    int scoreStride() {
        return up(Math.max(up(QUERY_BLOCK, tile.columns()), queryRows()), 16) + 16;
    }

    /** Address of row {@code row} of head {@code head} of {@code sample} in a (B, H, rows, d) tensor. */
    long row(Tensor tensor, int sample, int head, int row) {
        return tensor.address()
                + 4L * width * (((long) sample * heads + head) * tensor.shape().dim(2) + row);
    }

    /** Address of a token's part of a head in a (B, L, H·d) tensor. */
    long tokenRow(Tensor tensor, int sample, int head, int token) {
        return tensor.address() + 4L * width * (((long) sample * queries + token) * heads + head);
    }

    private boolean isReal(int sample, int token) {
        return in.textMask() == null || ALL.get(JAVA_BYTE, in.textMask().address() + (long) sample * text + token) != 0;
    }

    /** Copies the real rows of text and then those of the image below one another; returns how many. */
    int gather(long target, Tensor textRows, Tensor rows, int sample, int head) {
        int count = 0;
        for (int token = 0; token < text; token++) {
            int from = token;
            while (token < text && isReal(sample, token)) {
                token++;
            }
            copyRows(target + 4L * padded * count, row(textRows, sample, head, from), token - from);
            count += token - from;
        }
        copyRows(target + 4L * padded * count, row(rows, sample, head, 0), keys);
        return count + keys;
    }

    /** Copies rows of a head that lie below one another; each is padded with zeros. */
    void copyRows(long target, long source, int rows) {
        if (padded == width && rows > 0) {
            CpuMemory.check(source, 4L * width * rows);
            MemorySegment.copy(ALL, source, ALL, target, 4L * width * rows);
            return;
        }
        for (int row = 0; row < rows; row++) {
            copyRow(target + 4L * padded * row, source + 4L * width * row);
        }
    }

    /** Copies one row of a head and pads it with zeros. */
    void copyRow(long target, long source) {
        CpuMemory.check(source, 4L * width);
        loops.copy(target, source, width, padded);
    }

    /** The inverse of {@link #gather}, adding as {@link #addRow} does; masked rows get nothing. Either tensor may be null. */
    void addBack(Tensor textRows, Tensor rows, long source, int sample, int head, boolean first) {
        int count = 0;
        for (int token = 0; token < text; token++) {
            if (isReal(sample, token)) {
                addRow(textRows, sample, head, token, source + 4L * padded * count++, first);
            } else if (first && textRows != null) {
                long target = row(textRows, sample, head, token);
                CpuMemory.check(target, 4L * width);
                loops.copy(target, TileKernel.Zeros.ROW, 0, width);
            }
        }
        for (int key = 0; key < keys; key++) {
            addRow(rows, sample, head, key, source + 4L * padded * count++, first);
        }
    }

    /** Adds one row to a (B, H, rows, d) tensor, or does nothing when that is null; the first to add overwrites. */
    void addRow(Tensor tensor, int sample, int head, int row, long source, boolean first) {
        if (tensor == null) {
            return;
        }
        long target = row(tensor, sample, head, row);
        CpuMemory.check(target, 4L * width);
        if (first) {
            loops.copy(target, source, width, width);
        } else {
            loops.add(target, source, width);
        }
    }

    /**
     * Lays rows of d floats out as panels (d, C), column r of the panels being row r; missing ones are zero.
     *
     * @param panels room for ⌈count/C⌉ of them
     */
    void transpose(long panels, long rows, long rowBytes, int count) {
        var operand = new Operand(rows, rowBytes, 4, count, DType.F32);
        int columns = tile.columns();
        for (int row = 0; row < count; row += columns) {
            operand.pack(blocks, row, columns, 0, width, panels + 4L * width * row);
        }
    }

    /** A worker's array for the strips of {@link #scores}, {@link #byQuery} and {@link #byKey}. */
    float[] strip(CpuScratch scratch, int worker) {
        int floats = Math.max(TileKernel.STRIP_ROW * tile.rows(), tile.stripWidth() * keyBlock);
        return scratch.workerStrips(worker, 1, floats)[0];
    }

    /** scores (keys × columns of queries) = rows of width d · transposed queries. */
    void scores(float[] strip, long scores, long keyRows, int keyCount, long transposed, int queryCount) {
        long stride = 4L * scoreStride();
        int columns = tile.columns();
        for (int key = 0; key < keyCount; key += tile.rows()) {
            for (int k = 0; k < width; k += Blocking.HERE.rowDepth()) {
                int depth = Math.min(Blocking.HERE.rowDepth(), width - k);
                blocks.copyRows(keyRows + 4L * ((long) padded * key + k), 4L * padded, strip, tile.rows(), depth);
                for (int column = 0; column < queryCount; column += columns) {
                    long c = scores + key * stride + 4L * column;
                    long panel = transposed + 4L * ((long) width * column + (long) columns * k);
                    boolean first = k == 0;
                    tile.multiplyRows(
                            depth,
                            strip,
                            panel,
                            4L * columns,
                            first ? TileKernel.Zeros.ROW : c,
                            first ? 0 : stride,
                            c,
                            stride);
                }
            }
        }
    }

    /** target (queries × d) (+)= scoresᵀ · rows, over all keys. */
    void byQuery(
            float[] strip, long target, long scores, int queryCount, long keyRows, int keyCount, boolean accumulate) {
        for (int row = 0; row < queryCount; row += tile.packedRows()) {
            blocks.copy(scores + 4L * row, 4L * scoreStride(), strip, keyCount);
            multiply(true, strip, target + 4L * padded * row, keyRows, keyCount, accumulate);
        }
    }

    /** target (keys × d) (+)= scores · rows, over all queries of the block. */
    void byKey(
            float[] strip, long target, long scores, int keyCount, long queryRows, int queryCount, boolean accumulate) {
        for (int row = 0; row < keyCount; row += tile.rows()) {
            blocks.copyRows(scores + 4L * scoreStride() * row, 4L * scoreStride(), strip, tile.rows(), queryCount);
            multiply(false, strip, target + 4L * padded * row, queryRows, queryCount, accumulate);
        }
    }

    /** A tile's rows of the target (… × d) (+)= strip · rows. */
    private void multiply(boolean packed, float[] strip, long target, long rows, int depth, boolean accumulate) {
        long rowBytes = 4L * padded;
        for (int column = 0; column < padded; column += tile.columns()) {
            long c = target + 4L * column;
            long addend = accumulate ? c : TileKernel.Zeros.ROW;
            tile.multiply(
                    packed, depth, strip, rows + 4L * column, rowBytes, addend, accumulate ? rowBytes : 0, c, rowBytes);
        }
    }
}
