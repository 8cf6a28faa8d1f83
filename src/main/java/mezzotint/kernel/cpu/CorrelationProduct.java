package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;

/**
 * A {@link Correlation} as products of strips of pixels with panels of weights.
 *
 * <p>Weights are packed once a call; what the taps see is copied run by run into workers' memory, so that nothing grows with the
 * picture. Every result is one chain over the depth in a fixed order, whoever makes it.
 */
final class CorrelationProduct {
    static final int WEIGHTS_SLOT = 3;
    private static final int STRIPS_SLOT = 3;
    private static final int RESULTS_SLOT = 4;
    private static final int BIAS_SLOT = 5;

    /** Chunks to share out, at least; runs are cut by results where there are fewer, which changes no bit. */
    private static final int CHUNKS_PER_WORKER = 4;

    private final CpuResources resources;
    private final TileKernel tile;
    private final BlockCopy blocks;
    private final CpuPointwise.Loops loops;

    CorrelationProduct(CpuResources resources) {
        this.resources = resources;
        this.tile = TileKernel.of(resources.vectors());
        this.blocks = BlockCopy.of(resources.vectors());
        this.loops = CpuPointwise.Loops.of(resources);
    }

    /** What all chunks of a call share. */
    private record Call(CorrelationStrips strips, long weights, int panels, long bias, boolean accumulate) {
        /** Address of the panel of weights of a segment. */
        long panel(int segment, int panel, int width) {
            return weights + 4L * strips.segmentDepth * width * ((long) segment * panels + panel);
        }
    }

    /**
     * Overwrites the targets or adds to them.
     *
     * @param bias address of a row of results to start from, or 0
     */
    void run(Correlation pass, TapWeights weights, long bias, boolean accumulate) {
        if (pass.pixels() == 0 || pass.results() == 0) {
            return;
        }
        var strips = new CorrelationStrips(pass, tile.rows());
        int panels = (pass.results() + tile.columns() - 1) / tile.columns();
        var call = new Call(strips, pack(strips, weights, panels), panels, pad(bias, pass.results()), accumulate);
        int chunks = CHUNKS_PER_WORKER * resources.threads().count();
        int parts = Math.min(panels, (chunks + strips.runs - 1) / strips.runs);
        resources.threads().forEach(strips.runs * parts, (worker, chunk) -> {
            int part = chunk % parts;
            run(worker, call, chunk / parts, part * panels / parts, (part + 1) * panels / parts);
        });
    }

    private void run(int worker, Call call, int index, int firstPanel, int endPanel) {
        CorrelationStrips strips = call.strips;
        int width = tile.columns();
        long source = resources.scratch().worker(worker, STRIPS_SLOT, strips.bytes());
        long block = 4L * strips.run * width;
        long results = resources.scratch().worker(worker, RESULTS_SLOT, block * (endPanel - firstPanel));
        strips.gather(index, source);
        int pixels = strips.pixels(index);
        for (int segment = 0; segment < strips.segments; segment++) {
            for (int k = 0; k < strips.segmentDepth; k += Blocking.HERE.rowDepth()) {
                int depth = Math.min(Blocking.HERE.rowDepth(), strips.segmentDepth - k);
                float[][] rows = load(worker, strips, source + 4 * (strips.segmentOffset(segment) + k), pixels, depth);
                for (int panel = firstPanel; panel < endPanel; panel++) {
                    long to = results + block * (panel - firstPanel);
                    long weights = call.panel(segment, panel, width) + 4L * width * k;
                    boolean first = segment == 0 && k == 0;
                    long bias = call.bias == 0 ? TileKernel.Zeros.ROW : call.bias + 4L * width * panel;
                    multiply(rows, depth, weights, first ? bias : 0, pixels, to);
                }
            }
        }
        for (int k = 0; k < pixels; k++) {
            write(call, strips.target(index, k), results + 4L * width * k, block, firstPanel, endPanel);
        }
    }

    /** What the pixels of a run see of a segment, in arrays of a tile's rows each. */
    private float[][] load(int worker, CorrelationStrips strips, long from, int pixels, int depth) {
        long pitch = 4L * strips.rowPitch;
        int count = Math.ceilDiv(pixels, tile.rows());
        float[][] rows = resources.scratch().workerStrips(worker, count, TileKernel.STRIP_ROW * tile.rows());
        for (int s = 0; s < count; s++) {
            blocks.copyRows(from + pitch * tile.rows() * s, pitch, rows[s], tile.rows(), depth);
        }
        return rows;
    }

    /** All pixels of a run by a panel, added to one row for all at {@code addend} or, where that is 0, to the results. */
    private void multiply(float[][] rows, int depth, long weights, long addend, int pixels, long to) {
        long rowBytes = 4L * tile.columns();
        for (int k = 0; k < pixels; k += tile.rows()) {
            long c = to + rowBytes * k;
            tile.multiplyRows(
                    depth,
                    rows[k / tile.rows()],
                    weights,
                    rowBytes,
                    addend == 0 ? c : addend,
                    addend == 0 ? rowBytes : 0,
                    c,
                    rowBytes);
        }
    }

    /** One pixel's results, from the blocks of its panels. */
    private void write(Call call, long target, long from, long block, int firstPanel, int endPanel) {
        int width = tile.columns();
        int results = call.strips.pass.results();
        CpuMemory.check(target, 4L * results);
        for (int panel = firstPanel; panel < endPanel; panel++) {
            long to = target + 4L * width * panel;
            long source = from + block * (panel - firstPanel);
            int count = Math.min(width, results - width * panel);
            if (call.accumulate) {
                loops.add(to, to, source, count);
            } else {
                MemorySegment.copy(CpuMemory.ALL, source, CpuMemory.ALL, to, 4L * count);
            }
        }
    }

    /** Weights in the order segment, panel, depth, result. */
    private long pack(CorrelationStrips strips, TapWeights weights, int panels) {
        int width = tile.columns();
        long bytes = 4L * strips.segmentDepth * width;
        long packed = resources.scratch().shared(WEIGHTS_SLOT, bytes * panels * strips.segments);
        Correlation pass = strips.pass;
        int taps = strips.segmentDepth / pass.channels();
        // Result by result: its weights, all taps of them, then are in the first-level cache for every tap.
        resources.threads().forEach(panels, (worker, panel) -> {
            int first = panel * width;
            int end = Math.min(pass.results(), first + width);
            for (int segment = 0; segment < strips.segments && end - first < width; segment++) {
                loops.fill(packed + bytes * ((long) segment * panels + panel), 0, strips.segmentDepth * width);
            }
            for (int o = first; o < end; o++) {
                for (int tap = 0; tap < pass.tapRows() * pass.tapColumns(); tap++) {
                    long to = packed
                            + bytes * ((long) (tap / taps) * panels + panel)
                            + 4L * width * pass.channels() * (tap % taps);
                    weights.copyChannels(
                            tap / pass.tapColumns(), tap % pass.tapColumns(), o, to + 4L * (o - first), width);
                }
            }
        });
        return packed;
    }

    /** The bias with zeros up to a whole panel; tiles are as wide as panels. */
    private long pad(long bias, int results) {
        if (bias == 0) {
            return 0;
        }
        long padded = resources.scratch().shared(BIAS_SLOT, 4L * (results + tile.columns()));
        CpuMemory.check(bias, 4L * results);
        MemorySegment.copy(CpuMemory.ALL, bias, CpuMemory.ALL, padded, 4L * results);
        loops.fill(padded + 4L * results, 0, tile.columns());
        return padded;
    }
}
