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

    /**
     * How positions become angles.
     *
     * @param widths head columns rotated by the row and by the column
     * @param theta base of the frequencies
     */
    public record Axes(PrxConfig.RopeAxes widths, double theta) {}

    /** The table of a grid of {@code rows} × {@code columns} tokens, (1, L, d/2, 2), in the order patches are cut. */
    public static Tensor table(Tape tape, PrxConfig config, int rows, int columns) {
        int[][] all = {java.util.stream.IntStream.range(0, rows * columns).toArray()};
        return table(tape, new Axes(config.ropeAxes(), config.theta()), columns, all);
    }

    /**
     * The tables of some tokens of each picture, (B, V, d/2, 2).
     *
     * @param columns of the grid
     * @param tokens (B, V), row · columns + column
     */
    public static Tensor table(Tape tape, Axes axes, int columns, int[][] tokens) {
        int row = axes.widths.row();
        int column = axes.widths.column();
        int most = java.util.Arrays.stream(tokens)
                .flatMapToInt(java.util.Arrays::stream)
                .max()
                .orElse(0);
        float[] byRow = angles(most / columns + 1, row, axes.theta);
        float[] byColumn = angles(columns, column, axes.theta);
        int count = tokens[0].length;
        float[] table = new float[tokens.length * count * (row + column)];
        int at = 0;
        for (int[] picture : tokens) {
            for (int token : picture) {
                System.arraycopy(byRow, token / columns * row, table, at, row);
                System.arraycopy(byColumn, token % columns * column, table, at + row, column);
                at += row + column;
            }
        }
        return tape.constant(table, tokens.length, count, (row + column) / 2, 2);
    }

    private static float[] angles(int positions, int width, double theta) {
        float[] table = new float[positions * width];
        int at = 0;
        for (int position = 0; position < positions; position++) {
            for (int k = 0; k < width / 2; k++) {
                double angle = position * Math.pow(theta, -2.0 * k / width);
                table[at++] = (float) Math.cos(angle);
                table[at++] = (float) Math.sin(angle);
            }
        }
        return table;
    }
}
