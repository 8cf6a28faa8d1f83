package mezzotint.kernel.cuda;

import java.util.Arrays;
import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Layout} on CUDA: by squares where two axes change places, else element by element. */
final class CudaLayout implements EncoderKernels.Layout {
    private static final String MODULE = "layout";
    private static final int AXES = 6;
    private static final int SQUARE = 32;

    private final CudaLauncher launcher;

    CudaLayout(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void permute(Tensor y, Tensor x, long[] dims, int[] order, boolean accumulate) {
        if (y.shape().elements() == 0) {
            return;
        }
        Axes axes = Axes.merged(dims, order);
        if (axes.isTransposition()) {
            transpose(y, x, axes.batch(), axes.sides[axes.count - 1], axes.sides[axes.count - 2], accumulate);
            return;
        }
        long n = y.shape().elements();
        launcher.launch(MODULE, "layout_permute", LaunchGrid.of(Tiles.blocks(n, 1), Tiles.THREADS), a -> {
            a.tensor(y).tensor(x).wide(n).integer(accumulate ? 1 : 0);
            for (int i = axes.count - AXES; i < axes.count; i++) {
                a.integer(i < 0 ? 1 : Math.toIntExact(axes.sides[i]));
            }
            for (int i = axes.count - AXES; i < axes.count; i++) {
                a.wide(i < 0 ? 0 : axes.strides[i]);
            }
        });
    }

    private void transpose(Tensor y, Tensor x, long batch, long rows, long columns, boolean accumulate) {
        int across = Math.toIntExact(Math.ceilDiv(columns, SQUARE));
        int squares = Math.toIntExact(Math.ceilDiv(rows, SQUARE) * across);
        launcher.launch(
                MODULE,
                "layout_transpose",
                LaunchGrid.of(squares, Math.toIntExact(batch), Tiles.THREADS),
                a -> a.tensor(y)
                        .tensor(x)
                        .integer(Math.toIntExact(rows))
                        .integer(Math.toIntExact(columns))
                        .integer(across)
                        .integer(accumulate ? 1 : 0));
    }

    /** Sides of y, and the stride of x along each; the first {@code count} of the arrays. */
    private record Axes(long[] sides, long[] strides, int count) {
        /** Of a batch that LaunchGrid takes along y. */
        private static final int MOST_SAMPLES = 65_535;

        /** Without axes of one, and those in one that lie side by side in both. */
        static Axes merged(long[] dims, int[] order) {
            long[] steps = new long[dims.length];
            long step = 1;
            for (int i = dims.length - 1; i >= 0; i--) {
                steps[i] = step;
                step *= dims[i];
            }
            long[] sides = new long[dims.length];
            long[] strides = new long[dims.length];
            int count = 0;
            for (int axis : order) {
                long side = dims[axis];
                if (side == 1) {
                    continue;
                }
                if (count > 0 && strides[count - 1] == side * steps[axis]) {
                    sides[count - 1] *= side;
                    strides[count - 1] = steps[axis];
                } else {
                    sides[count] = side;
                    strides[count++] = steps[axis];
                }
            }
            return new Axes(Arrays.copyOf(sides, count), Arrays.copyOf(strides, count), count);
        }

        /** Whether y is (batch, columns, rows) of x (batch, rows, columns), with or without a batch. */
        boolean isTransposition() {
            return (count == 2 || count == 3 && batch() <= MOST_SAMPLES)
                    && strides[count - 2] == 1
                    && strides[count - 1] == sides[count - 2];
        }

        long batch() {
            return count == 3 ? sides[0] : 1;
        }
    }
}
