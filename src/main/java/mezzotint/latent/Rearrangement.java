package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Pictures (B, height, width, C) on other grids, without any weights.
 *
 * <p>PyTorch's order of channels: channel 4c + 2u + v of the coarse picture is channel c of the fine one in row 2i + u, column
 * 2j + v.
 */
final class Rearrangement {
    private Rearrangement() {}

    /** (B, C, height, width) → (B, height, width, C). */
    static Tensor channelsLast(Tape tape, Tensor x) {
        return tape.encoders().permute(x, 0, 2, 3, 1);
    }

    /** (B, height, width, C) → (B, C, height, width). */
    static Tensor channelsFirst(Tape tape, Tensor x) {
        return tape.encoders().permute(x, 0, 3, 1, 2);
    }

    /** Each pixel becomes 2×2 of its kind: (B, h, w, C) → (B, 2h, 2w, C). */
    static Tensor nearestTwice(Tape tape, Tensor x) {
        Shape s = x.shape();
        long rows = s.dim(0) * s.dim(1);
        Tensor wide = tape.encoders().concatenateLast(x, x).view(rows, 2 * s.dim(2) * s.dim(3));
        return tape.encoders().concatenateLast(wide, wide).view(s.dim(0), 2 * s.dim(1), 2 * s.dim(2), s.dim(3));
    }

    /** Bytes that {@link #nearestTwice} takes: a picture twice as wide, then the result. */
    static long nearestTwiceBytes(Extent in) {
        return 2 * in.bytes() + in.finer(2).bytes();
    }

    /** Pixel unshuffle: (B, 2h, 2w, C) → (B, h, w, 4C). */
    static Tensor coarser(Tape tape, Tensor x) {
        Shape s = x.shape();
        long h = s.dim(1) / 2;
        long w = s.dim(2) / 2;
        Tensor split = x.view(s.dim(0) * h, 2, w, 2, s.dim(3));
        return tape.encoders().permute(split, 0, 2, 4, 1, 3).view(s.dim(0), h, w, 4 * s.dim(3));
    }

    /** Pixel shuffle: (B, h, w, 4C) → (B, 2h, 2w, C). */
    static Tensor finer(Tape tape, Tensor x) {
        Shape s = x.shape();
        long channels = s.dim(3) / 4;
        Tensor split = x.view(s.dim(0) * s.dim(1), s.dim(2), channels, 2, 2);
        return tape.encoders()
                .permute(split, 0, 3, 1, 4, 2)
                .view(s.dim(0), 2 * s.dim(1), 2 * s.dim(2), channels);
    }

    /** Means of channels that lie side by side: (B, h, w, C) → (B, h, w, channels). */
    static Tensor average(Tape tape, Tensor x, int channels) {
        Shape s = x.shape();
        int group = Math.toIntExact(s.dim(3) / channels);
        if (group == 1) {
            return x;
        }
        Tensor members = tape.encoders().permute(x.view(s.rows(), channels, group), 2, 0, 1);
        Tensor sum = members.rows(0, 1);
        for (int i = 1; i < group; i++) {
            sum = tape.add(sum, members.rows(i, i + 1));
        }
        return tape.scale(sum, 1f / group).view(s.withLast(channels).dims());
    }

    /** Bytes that {@link #average} takes. */
    static long averageBytes(Extent in, long channels) {
        long group = in.channels() / channels;
        return group == 1 ? 0 : in.bytes() + group * in.withChannels(channels).bytes();
    }

    /** Every channel several times in a row: (B, h, w, C) → (B, h, w, channels). */
    static Tensor repeat(Tape tape, Tensor x, int channels) {
        Shape s = x.shape();
        int times = Math.toIntExact(channels / s.dim(3));
        if (times == 1) {
            return x;
        }
        Tensor[] copies = new Tensor[times];
        java.util.Arrays.fill(copies, x.view(s.elements(), 1));
        return tape.encoders().concatenateLast(copies).view(s.withLast(channels).dims());
    }
}
