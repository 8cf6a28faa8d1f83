package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Layout} on the CPU: rows copied where the last axis stays the last, else squares transposed. */
final class CpuLayout implements EncoderKernels.Layout {
    private static final int SLOT = 0;

    /** Places of the original's last axis a chunk takes: two lines of a cache in every row it reads. */
    private static final int COLUMNS = 32;

    /** Below so many floats a loop is cheaper than a call of {@code MemorySegment.copy}. */
    private static final int SHORT_ROW = 16;

    private final CpuThreads threads;
    private final CpuScratch scratch;
    private final CpuPointwise.Loops loops;
    private final BlockCopy blocks;

    CpuLayout(CpuResources resources) {
        threads = resources.threads();
        scratch = resources.scratch();
        loops = CpuPointwise.Loops.of(resources);
        blocks = BlockCopy.of(resources.vectors());
    }

    @Override
    public void permute(Tensor y, Tensor x, long[] dims, int[] order, boolean accumulate) {
        if (y.shape().elements() == 0) {
            return;
        }
        AxisWalk walk = AxisWalk.of(dims, order);
        if (walk.inner() == walk.last()) {
            copyRows(y.address(), x.address(), walk, accumulate);
        } else {
            transpose(y.address(), x.address(), walk, accumulate);
        }
    }

    private void copyRows(long y, long x, AxisWalk walk, boolean accumulate) {
        int last = walk.last();
        int width = walk.sizes()[last];
        Pieces.forEachSample(threads, 1, walk.outer(last, last), width, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                move(y + 4L * row * width, x + 4 * walk.begin(row, last, last)[0], width, accumulate);
            }
        });
    }

    private void move(long to, long from, int n, boolean accumulate) {
        if (CpuMemory.CHECKED) {
            Pieces.check(n, to, from);
        }
        if (accumulate) {
            loops.add(to, to, from, n);
        } else if (n >= SHORT_ROW) {
            MemorySegment.copy(CpuMemory.ALL, from, CpuMemory.ALL, to, 4L * n);
        } else {
            for (int i = 0; i < n; i++) {
                Floats.set(to, i, Floats.get(from, i));
            }
        }
    }

    /** Rows of the original (along the result's last axis) by its columns (along its own) become columns by rows. */
    private record Square(long source, long sourceRow, int rows, long target, long targetRow, int columns) {
        Square part(int row, int column, int rowCount, int columnCount) {
            return new Square(
                    source + row * sourceRow + 4L * column,
                    sourceRow,
                    rowCount,
                    target + column * targetRow + 4L * row,
                    targetRow,
                    columnCount);
        }
    }

    private void transpose(long y, long x, AxisWalk walk, boolean accumulate) {
        int last = walk.last();
        int inner = walk.inner();
        int width = walk.sizes()[inner];
        int strips = (width + COLUMNS - 1) / COLUMNS;
        threads.forEach(Math.multiplyExact(walk.outer(last, inner), strips), (worker, chunk) -> {
            long[] begin = walk.begin(chunk / strips, last, inner);
            var whole = new Square(
                    x + 4 * begin[0],
                    4 * walk.strides()[last],
                    walk.sizes()[last],
                    y + 4 * begin[1],
                    4 * walk.targetStride(inner),
                    width);
            int column = chunk % strips * COLUMNS;
            int columns = Math.min(COLUMNS, width - column);
            int size = blocks.size();
            for (int row = 0; row < whole.rows; row += size) {
                int rows = Math.min(size, whole.rows - row);
                for (int c = column; c < column + columns; c += size) {
                    transpose(worker, whole.part(row, c, rows, Math.min(size, column + columns - c)), accumulate);
                }
            }
        });
    }

    private void transpose(int worker, Square s, boolean accumulate) {
        int size = blocks.size();
        if (CpuMemory.CHECKED) {
            Pieces.check(s.columns, s.source, s.source + (s.rows - 1) * s.sourceRow);
            Pieces.check(s.rows, s.target, s.target + (s.columns - 1) * s.targetRow);
        }
        if (s.rows < size || s.columns < size) {
            for (int row = 0; row < s.rows; row++) {
                for (int column = 0; column < s.columns; column++) {
                    float value = Floats.get(s.source + row * s.sourceRow, column);
                    long to = s.target + column * s.targetRow;
                    Floats.set(to, row, accumulate ? Floats.get(to, row) + value : value);
                }
            }
        } else if (accumulate) {
            long square = scratch.worker(worker, SLOT, 4L * size * size);
            blocks.transpose(s.source, s.sourceRow, square, 4L * size);
            for (int column = 0; column < size; column++) {
                long to = s.target + column * s.targetRow;
                loops.add(to, to, square + 4L * size * column, size);
            }
        } else {
            blocks.transpose(s.source, s.sourceRow, s.target, s.targetRow);
        }
    }
}
