package mezzotint.prx;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * Cosines and sines that rotate queries and keys by the row and column of their patch.
 *
 * <pre>angle(axis a, pair k) = position_a · theta^(−2k / D_a)    (rows first, then columns)</pre>
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">Su et al. 2021, eq. 15, one axis at a time</a>
 */
public final class RotaryGrid {
    private RotaryGrid() {}

    /** The table of a grid of {@code rows} × {@code columns} tokens, (1, L, d/2, 2), in the order patches are cut. */
    public static Tensor table(Tape tape, PrxConfig config, int rows, int columns) {
        PrxConfig.RopeAxes axes = config.ropeAxes();
        int pairs = config.headWidth() / 2;
        float[] table = new float[rows * columns * pairs * 2];
        int at = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                at = angles(table, at, row, axes.row(), config.theta());
                at = angles(table, at, column, axes.column(), config.theta());
            }
        }
        return tape.constant(table, 1, (long) rows * columns, pairs, 2);
    }

    private static int angles(float[] table, int from, int position, int width, double theta) {
        int at = from;
        for (int k = 0; k < width / 2; k++) {
            double angle = position * Math.pow(theta, -2.0 * k / width);
            table[at++] = (float) Math.cos(angle);
            table[at++] = (float) Math.sin(angle);
        }
        return at;
    }
}
