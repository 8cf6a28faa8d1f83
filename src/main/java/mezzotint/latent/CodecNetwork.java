package mezzotint.latent;

import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * An encoder or a decoder, run the way memory asks for.
 *
 * @param layers channels last
 * @param encodes whether it goes from pixels to latent cells, else back
 * @param ratio pixels along a side of a latent cell
 */
record CodecNetwork(Layers layers, boolean encodes, int ratio) {
    /**
     * x (B, C, height, width) → {@code result} (B, …): as a whole on a tape that records, so that its gradient is that of the
     * network; else sample by sample, in tiles where they cut it, everything between freed.
     */
    Tensor run(Tape tape, Tensor x, Shape result, Optional<Tiling> tiling) {
        if (tape.isRecording()) {
            return whole(tape, x);
        }
        Tensor y = tape.allocate(result.dims());
        Optional<TiledRun> tiles = tiling.filter(t -> isCut(x.shape(), t)).map(this::tiled);
        for (int b = 0; b < x.shape().dim(0); b++) {
            Tensor sample = x.rows(b, b + 1);
            Tensor into = y.rows(b, b + 1);
            tape.checkpoint(inner -> { // frees all but the one number that it returns
                tiles.ifPresentOrElse(
                        run -> run.run(inner, sample, into), () -> into.copyFrom(whole(inner, sample)));
                return inner.constant(new float[1], 1);
            });
        }
        return y;
    }

    private Tensor whole(Tape tape, Tensor x) {
        return Rearrangement.channelsFirst(tape, layers.forward(tape, Rearrangement.channelsLast(tape, x)));
    }

    private boolean isCut(Shape x, Tiling tiling) {
        int cell = encodes ? ratio : 1;
        return tiling.cuts(x.dim(2) / cell, x.dim(3) / cell);
    }

    private TiledRun tiled(Tiling tiling) {
        return encodes
                ? new TiledRun(this::whole, tiling.side() * ratio, tiling.stride() * ratio, 1, ratio)
                : new TiledRun(this::whole, tiling.side(), tiling.stride(), ratio, 1);
    }

    /** The most bytes that {@link #run} takes on a tape that does not record, its result included; x is (B, C, height, width). */
    long peak(Shape x, Shape result, Optional<Tiling> tiling) {
        Extent sample = new Extent(1, x.dim(2), x.dim(3), x.dim(1));
        boolean cut = tiling.isPresent() && isCut(x, tiling.get());
        if (cut) {
            long side = (long) tiling.get().side() * (encodes ? ratio : 1);
            sample = new Extent(1, Math.min(side, x.dim(2)), Math.min(side, x.dim(3)), x.dim(1));
        }
        Extent last = layers.out(sample);
        long network = sample.bytes() + Math.max(layers.peak(sample), 2 * last.bytes());
        return Extent.padded(result.elements() * Float.BYTES) + network + (cut ? sample.bytes() : 0);
    }
}
