package mezzotint.latent;

import java.util.function.BiFunction;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * Runs a network over overlapping tiles of one picture, row by row, and blends them on the host, which takes far less time than
 * the network.
 *
 * @param network from a tile (1, C, h, w) to its result, its sides times {@code up}, divided by {@code down}
 * @param side of a tile of the input; the stride from tile to tile alike
 * @param up factor of the sides
 * @param down divisor of the sides; that of {@code side} and {@code stride} too
 */
record TiledRun(BiFunction<Tape, Tensor, Tensor> network, int side, int stride, int up, int down) {
    /** x (1, C, height, width) → y (1, channels, height·up/down, width·up/down), on a tape that does not record. */
    void run(Tape tape, Tensor x, Tensor y) {
        Plane in = new Plane(
                x.toFloats(), x.shape().size(1), x.shape().size(2), x.shape().size(3));
        Plane out = Plane.empty(y.shape().size(1), y.shape().size(2), y.shape().size(3));
        int columns = Math.ceilDiv(in.width, stride);
        Plane[] above = new Plane[columns];
        for (int top = 0; top < in.height; top += stride) {
            Plane[] row = new Plane[columns];
            for (int j = 0; j < columns; j++) {
                int left = j * stride;
                Plane tile = result(tape, in.cut(top, left, side), out.channels);
                if (top > 0) {
                    tile.blendBelow(above[j], scaled(side - stride));
                }
                if (j > 0) {
                    tile.blendRightOf(row[j - 1], scaled(side - stride));
                }
                out.put(tile, scaled(top), scaled(left), scaled(stride));
                row[j] = tile;
            }
            above = row;
        }
        y.set(out.values);
    }

    private int scaled(int length) {
        return length * up / down;
    }

    private Plane result(Tape tape, Plane piece, int channels) {
        Plane result = Plane.empty(channels, scaled(piece.height), scaled(piece.width));
        tape.checkpoint(inner -> { // frees all but the one number that it returns
            Tensor tile = inner.constant(piece.values, 1, piece.channels, piece.height, piece.width);
            float[] values = network.apply(inner, tile).toFloats();
            System.arraycopy(values, 0, result.values, 0, result.values.length);
            return inner.constant(new float[1], 1);
        });
        return result;
    }

    /** A picture (channels, height, width) on the host. */
    private record Plane(float[] values, int channels, int height, int width) {
        static Plane empty(int channels, int height, int width) {
            return new Plane(new float[Math.multiplyExact(channels * height, width)], channels, height, width);
        }

        private int index(int channel, int row, int column) {
            return (channel * height + row) * width + column;
        }

        /** A square from there on, less where the picture ends. */
        Plane cut(int top, int left, int side) {
            Plane piece = empty(channels, Math.min(side, height - top), Math.min(side, width - left));
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < piece.height; i++) {
                    System.arraycopy(values, index(c, top + i, left), piece.values, piece.index(c, i, 0), piece.width);
                }
            }
            return piece;
        }

        /** Writes the first rows and columns of a tile, {@code side} of them. */
        void put(Plane tile, int top, int left, int side) {
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < Math.min(side, tile.height); i++) {
                    System.arraycopy(
                            tile.values,
                            tile.index(c, i, 0),
                            values,
                            index(c, top + i, left),
                            Math.min(side, tile.width));
                }
            }
        }

        /** Mixes the last rows of the tile above into the first of this one, whose share rises from 0. */
        void blendBelow(Plane above, int overlap) {
            int rows = Math.min(overlap, Math.min(above.height, height));
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < width; j++) {
                        mix(index(c, i, j), above.values[above.index(c, above.height - rows + i, j)], i, rows);
                    }
                }
            }
        }

        /** Mixes the last columns of the tile to the left into the first of this one. */
        void blendRightOf(Plane left, int overlap) {
            int columns = Math.min(overlap, Math.min(left.width, width));
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < height; i++) {
                    for (int j = 0; j < columns; j++) {
                        mix(index(c, i, j), left.values[left.index(c, i, left.width - columns + j)], j, columns);
                    }
                }
            }
        }

        private void mix(int at, float other, int step, int steps) {
            float share = (float) step / steps;
            values[at] = other * (1 - share) + values[at] * share;
        }
    }
}
