package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.Tokens} on the CPU. */
final class CpuTokens implements Kernels.Tokens {
    /** Below so many floats a loop is cheaper than a call of {@code MemorySegment.copy}. */
    private static final int SHORT_ROW = 32;

    private static final int COLUMNS = 64;

    private final CpuThreads threads;
    private final CpuPointwise.Loops loops;

    CpuTokens(CpuResources resources) {
        threads = resources.threads();
        loops = CpuPointwise.Loops.of(resources);
    }

    @Override
    public void patchify(Tensor tokens, Tensor image, int patch, boolean accumulate) {
        movePatches(tokens, image, patch, accumulate, true);
    }

    @Override
    public void unpatchify(Tensor image, Tensor tokens, int patch, boolean accumulate) {
        movePatches(tokens, image, patch, accumulate, false);
    }

    /** One chunk is one row of patches of one picture. */
    private void movePatches(Tensor tokens, Tensor image, int patch, boolean accumulate, boolean toTokens) {
        int colours = image.shape().size(1);
        int height = image.shape().size(2);
        int width = image.shape().size(3);
        int down = height / patch;
        int across = width / patch;
        long tokensAt = tokens.address();
        long imageAt = image.address();
        threads.forEach(image.shape().size(0) * down, (worker, chunk) -> {
            long firstToken = (long) chunk * across;
            for (int c = 0; c < colours; c++) {
                for (int py = 0; py < patch; py++) {
                    long line = ((long) chunk / down * colours + c) * height + (long) (chunk % down) * patch + py;
                    for (int column = 0; column < across; column++) {
                        long inToken =
                                (firstToken + column) * colours * patch * patch + ((long) c * patch + py) * patch;
                        long inImage = line * width + (long) column * patch;
                        long token = tokensAt + 4 * inToken;
                        long pixel = imageAt + 4 * inImage;
                        move(toTokens ? token : pixel, toTokens ? pixel : token, patch, accumulate);
                    }
                }
            }
        });
    }

    @Override
    public void sliceColumns(Tensor y, Tensor x, int column) {
        int width = y.shape().size(1);
        int stride = x.shape().size(1);
        moveRows(y.shape().size(0), width, y.address(), width, x.address() + 4L * column, stride, false);
    }

    @Override
    public void addColumns(Tensor x, Tensor y, int column) {
        int width = y.shape().size(1);
        int stride = x.shape().size(1);
        moveRows(y.shape().size(0), width, x.address() + 4L * column, stride, y.address(), width, true);
    }

    /** Rows of {@code width}; strides are in elements. */
    private void moveRows(int rows, int width, long to, int toStride, long from, int fromStride, boolean accumulate) {
        Pieces.forEachSample(threads, 1, rows, width, (sample, first, count) -> {
            for (long row = first; row < first + count; row++) {
                move(to + 4 * row * toStride, from + 4 * row * fromStride, width, accumulate);
            }
        });
    }

    @Override
    public void concatenate(Tensor y, Tensor a, Tensor e) {
        join(y.shape().size(0), y, a, 0, false);
        join(y.shape().size(0), y, e, a.shape().size(1), false);
    }

    @Override
    public void concatenateBackward(Tensor gradA, Tensor gradE, Tensor gradY) {
        int total = gradY.shape().size(1);
        if (gradA != null) {
            join(gradY.shape().size(0), gradY, gradA, 0, true);
        }
        if (gradE != null) {
            join(gradY.shape().size(0), gradY, gradE, total - gradE.shape().size(1), true);
        }
    }

    /** Copies a part into the whole from token {@code first} on, or adds that stretch of the whole to the part. */
    private void join(int samples, Tensor whole, Tensor part, int first, boolean addToPart) {
        int total = whole.shape().size(1);
        int rows = part.shape().size(1);
        int d = part.shape().size(2);
        long wholeAt = whole.address();
        long partAt = part.address();
        Pieces.forEachSample(threads, samples, rows, d, (sample, from, count) -> {
            long inWhole = wholeAt + 4 * ((long) sample * total + first + from) * d;
            long inPart = partAt + 4 * ((long) sample * rows + from) * d;
            move(addToPart ? inPart : inWhole, addToPart ? inWhole : inPart, count * d, addToPart);
        });
    }

    @Override
    public void gather(Tensor y, Tensor x, Tensor index) {
        moveIndexed(y, x, index, false);
    }

    @Override
    public void scatterAdd(Tensor x, Tensor y, Tensor index) {
        moveIndexed(y, x, index, true);
    }

    private void moveIndexed(Tensor packed, Tensor full, Tensor index, boolean scatter) {
        int rows = packed.shape().size(1);
        int d = packed.shape().size(2);
        int length = full.shape().size(1);
        long packedAt = packed.address();
        long fullAt = full.address();
        long indexAt = index.address();
        Pieces.forEachSample(threads, packed.shape().size(0), rows, d, (sample, from, count) -> {
            for (int r = from; r < from + count; r++) {
                long row = (long) sample * rows + r;
                long inPacked = packedAt + 4 * row * d;
                long inFull = fullAt + 4 * ((long) sample * length + Floats.getInt(indexAt, row)) * d;
                move(scatter ? inFull : inPacked, scatter ? inPacked : inFull, d, scatter);
            }
        });
    }

    @Override
    public void embed(Tensor y, Tensor table, Tensor index) {
        int d = y.shape().size(1);
        long yAt = y.address();
        long tableAt = table.address();
        long indexAt = index.address();
        Pieces.forEachSample(threads, 1, y.shape().size(0), d, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                move(yAt + 4L * row * d, tableAt + 4L * Floats.getInt(indexAt, row) * d, d, false);
            }
        });
    }

    /** A row may be named twice, so the work is cut by columns. */
    @Override
    public void embedBackward(Tensor gradTable, Tensor gradY, Tensor index) {
        if (gradTable == null) {
            return;
        }
        int rows = gradY.shape().size(0);
        int d = gradY.shape().size(1);
        long tableAt = gradTable.address();
        long gradAt = gradY.address();
        long indexAt = index.address();
        threads.forEach((d + COLUMNS - 1) / COLUMNS, (worker, chunk) -> {
            long column = (long) chunk * COLUMNS;
            int width = (int) Math.min(COLUMNS, d - column);
            for (int row = 0; row < rows; row++) {
                long into = tableAt + 4 * ((long) Floats.getInt(indexAt, row) * d + column);
                move(into, gradAt + 4 * ((long) row * d + column), width, true);
            }
        });
    }

    private void move(long to, long from, int n, boolean accumulate) {
        if (CpuMemory.CHECKED) {
            Pieces.check(n, to, from);
        }
        if (accumulate) {
            loops.add(to, to, from, n);
        } else if (n < SHORT_ROW) {
            for (int i = 0; i < n; i++) {
                Floats.set(to, i, Floats.get(from, i));
            }
        } else {
            MemorySegment.copy(CpuMemory.ALL, from, CpuMemory.ALL, to, 4L * n);
        }
    }
}
