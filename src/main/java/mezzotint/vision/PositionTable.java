package mezzotint.vision;

import java.util.Arrays;
import mezzotint.image.Interpolation;
import mezzotint.image.PlanarImage;

/**
 * A learned table of positions on a square grid, resampled for other grids.
 *
 * @param grid rows, as many as columns
 * @param width D
 * @param values (grid², D), row by row
 * @param interpolation how other grids are read from it
 */
record PositionTable(int grid, int width, float[] values, Interpolation interpolation) {

    /** (rows · columns, D). */
    float[] on(int rows, int columns) {
        if (rows == grid && columns == grid) {
            return values;
        }
        float[] planes = transposed(values, grid * grid, width);
        PlanarImage resized = new PlanarImage(width, grid, grid, planes).resized(rows, columns, interpolation);
        return transposed(resized.values(), width, rows * columns);
    }

    /** The part of a table (1 + grid², D) that belongs to the patches; the first row is the class token's. */
    static PositionTable afterClass(int grid, int width, float[] table, Interpolation interpolation) {
        return new PositionTable(grid, width, Arrays.copyOfRange(table, width, table.length), interpolation);
    }

    private static float[] transposed(float[] x, int rows, int columns) {
        float[] y = new float[x.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                y[j * rows + i] = x[i * columns + j];
            }
        }
        return y;
    }
}
