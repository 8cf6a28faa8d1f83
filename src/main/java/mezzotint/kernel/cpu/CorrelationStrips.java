package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;

/**
 * How the pixels of a {@link Correlation} become the rows of products: runs of pixels, each with what its taps see, copied
 * into a worker's memory.
 *
 * <p>Wide pictures: a run lies in one line, and the lines that its taps see are copied once, with zeros around; a tap then is a
 * shift. Narrow pictures and few channels: a run goes on from line to line and every pixel gets a row of all it sees.
 */
final class CorrelationStrips {
    /** About so many pixels a run: they meet a panel of weights while it is in the first-level cache. */
    private static final int RUN = 96;

    /** Below this many pixels a line its last strip is waste too often. */
    private static final int NARROW = 40;

    /** Below this depth a product spends its time on loading and storing the tile. */
    private static final int SHALLOW = 64;

    /** Depth that goes through a tile at once, at most, where it can be cut. */
    private static final int DEEP = 512;

    private static final int ALIASING_BYTES = 2048;

    final Correlation pass;
    final boolean flat;

    /** Floats from one row of the product to the next, and from one line (of those a run sees) to the next. */
    final int rowPitch;

    private final int pixelPitch;
    private final int linePitch;

    /** The depth falls into so many segments of equal depth. */
    final int segments;

    final int segmentDepth;

    /** Pixels a run, a multiple of a tile's rows. */
    final int run;

    private final int runsPerLine;
    final int runs;
    private final int tileRows;

    CorrelationStrips(Correlation pass, int tileRows) {
        this.pass = pass;
        this.tileRows = tileRows;
        int lineDepth = pass.tapColumns() * pass.channels();
        flat = pass.columns() < NARROW || lineDepth < SHALLOW;
        boolean perTap = (flat ? pass.depth() : lineDepth) > DEEP && pass.channels() >= SHALLOW;
        pixelPitch = !flat && perTap ? apart(pass.channels(), pass.stride()) : pass.channels();
        if (flat) {
            segments = perTap ? pass.tapRows() * pass.tapColumns() : 1;
            segmentDepth = pass.depth() / segments;
            rowPitch = apart(pass.depth(), 1);
        } else {
            segments = perTap ? pass.tapRows() * pass.tapColumns() : pass.tapRows();
            segmentDepth = pass.depth() / segments;
            rowPitch = pixelPitch * pass.stride();
        }
        int pixels = flat ? Math.toIntExact(pass.pixels()) : pass.columns();
        int parts = (pixels + RUN - 1) / RUN;
        run = ((pixels + parts - 1) / parts + tileRows - 1) / tileRows * tileRows;
        runsPerLine = (pixels + run - 1) / run;
        runs = flat ? runsPerLine : Math.multiplyExact(runsPerLine, pass.samples() * pass.rows());
        linePitch = ((run - 1) * pass.stride() + pass.tapColumns()) * pixelPitch;
    }

    private static int apart(int floats, int stride) {
        return 4L * floats * stride % ALIASING_BYTES == 0 ? floats + 16 : floats;
    }

    /** Bytes that {@link #gather} needs. */
    long bytes() {
        return 4L * (flat ? (long) run * rowPitch : (long) pass.tapRows() * linePitch) + 64;
    }

    /** Floats from the beginning of a row to a segment of its depth. */
    long segmentOffset(int segment) {
        if (flat) {
            return (long) segment * segmentDepth;
        }
        int perLine = segments / pass.tapRows();
        return (long) (segment / perLine) * linePitch + (long) (segment % perLine) * pixelPitch;
    }

    /** Pixels of one run, the last of a line perhaps fewer. */
    int pixels(int index) {
        int all = flat ? Math.toIntExact(pass.pixels()) : pass.columns();
        return Math.min(run, all - index % runsPerLine * run);
    }

    /** Address of the target of pixel {@code k} of a run. */
    long target(int index, int k) {
        long pixel = first(index) + k;
        int line = Math.toIntExact(pixel / pass.columns());
        return pass.target()
                .at(
                        line / pass.rows(),
                        pass.firstRow() + pass.step() * (line % pass.rows()),
                        pass.firstColumn() + pass.step() * (int) (pixel % pass.columns()));
    }

    private long first(int index) {
        return flat
                ? (long) index * run
                : (long) (index / runsPerLine) * pass.columns() + (long) (index % runsPerLine) * run;
    }

    /** Copies what the pixels of a run see. */
    void gather(int index, long to) {
        if (flat) {
            gatherPixels(first(index), pixels(index), to);
            return;
        }
        int line = index / runsPerLine;
        int column = index % runsPerLine * run * pass.stride() - pass.left();
        int whole = (pixels(index) + tileRows - 1) / tileRows * tileRows;
        int span = (whole - 1) * pass.stride() + pass.tapColumns();
        for (int u = 0; u < pass.tapRows(); u++) {
            int row = line % pass.rows() * pass.stride() + u - pass.top();
            copy(line / pass.rows(), row, column, span, to + 4L * u * linePitch, pixelPitch);
        }
    }

    /** Copies rows of the whole depth for {@code count} pixels, counted through all lines from {@code first} on. */
    private void gatherPixels(long first, int count, long to) {
        for (int k = 0; k < count; k++) {
            gatherPixel(first + k, to + 4L * k * rowPitch);
        }
    }

    /** Copies all that the taps of one pixel see. */
    void gatherPixel(long pixel, long to) {
        int line = Math.toIntExact(pixel / pass.columns());
        int column = (int) (pixel % pass.columns()) * pass.stride() - pass.left();
        for (int u = 0; u < pass.tapRows(); u++) {
            int row = line % pass.rows() * pass.stride() + u - pass.top();
            long at = to + 4L * u * pass.tapColumns() * pass.channels();
            copy(line / pass.rows(), row, column, pass.tapColumns(), at, pass.channels());
        }
    }

    /** Copies {@code span} pixels of a source line from {@code column} on, zeros outside the picture. */
    private void copy(int sample, int row, int column, int span, long to, int pitch) {
        Correlation.Picture source = pass.source();
        boolean inside = row >= 0 && row < source.height();
        int begin = inside ? Math.clamp(-(long) column, 0, span) : span;
        int end = Math.clamp((long) source.width() - column, begin, span);
        zero(to, (long) begin * pitch);
        if (begin < end) {
            long from = source.at(sample, row, column + begin);
            CpuMemory.check(from, 4L * ((long) (end - begin - 1) * source.pitch() + pass.channels()));
            copy(from, source.pitch(), to + 4L * begin * pitch, pitch, end - begin);
        }
        zero(to + 4L * end * pitch, (long) (span - end) * pitch);
    }

    private void copy(long from, int fromPitch, long to, int toPitch, int pixels) {
        int channels = pass.channels();
        if (fromPitch == channels && toPitch == channels) {
            move(from, to, channels * pixels);
            return;
        }
        for (int p = 0; p < pixels; p++) {
            move(from + 4L * p * fromPitch, to + 4L * p * toPitch, channels);
        }
    }

    private static void move(long from, long to, int floats) {
        if (floats < 16) {
            for (int i = 0; i < floats; i++) {
                Floats.set(to, i, Floats.get(from, i));
            }
        } else {
            MemorySegment.copy(CpuMemory.ALL, from, CpuMemory.ALL, to, 4L * floats);
        }
    }

    private static void zero(long to, long floats) {
        if (floats > 0) {
            CpuMemory.ALL.asSlice(to, 4 * floats).fill((byte) 0);
        }
    }
}
