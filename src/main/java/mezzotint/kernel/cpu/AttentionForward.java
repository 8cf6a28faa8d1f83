package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static mezzotint.kernel.cpu.AttentionHeads.QUERY_BLOCK;
import static mezzotint.kernel.cpu.AttentionHeads.up;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import mezzotint.tensor.Tensor;

/** The forward of one head and a run of its queries. */
final class AttentionForward {
    private static final int SLOT = 0;

    private final AttentionHeads heads;
    private final CpuScratch scratch;
    private final Tensor out;
    private final Tensor logSumExp;

    AttentionForward(AttentionHeads heads, CpuScratch scratch, Tensor out, Tensor logSumExp) {
        this.heads = heads;
        this.scratch = scratch;
        this.out = out;
        this.logSumExp = logSumExp;
    }

    /** A worker's scratch memory: an array, and addresses. */
    private record Room(
            float[] strip,
            long keys,
            long values,
            long queries,
            long scores,
            long sums,
            long maxima,
            long factors,
            long outputs) {
        static Room of(AttentionHeads h, CpuScratch scratch, int worker) {
            long rows = 4L * h.padded * h.paddedKeys();
            long queries = 4L * h.width * up(QUERY_BLOCK, h.tile.columns());
            long scores = 4L * h.scoreStride() * up(h.keyBlock, h.tile.rows());
            long vector = 4L * h.scoreStride();
            long outputs = 4L * h.padded * h.queryRows();
            var carver = new Carver(scratch, worker, SLOT, 2 * rows + queries + scores + 3 * vector + outputs, 8);
            return new Room(
                    h.strip(scratch, worker),
                    carver.next(rows),
                    carver.next(rows),
                    carver.next(queries),
                    carver.next(scores),
                    carver.next(vector),
                    carver.next(vector),
                    carver.next(vector),
                    carver.next(outputs));
        }
    }

    /** Computes queries [from, to) of a head. */
    void run(int worker, int sample, int head, int from, int to) {
        Room room = Room.of(heads, scratch, worker);
        int keys = heads.gather(room.keys, heads.in.textKeys(), heads.in.keys(), sample, head);
        heads.gather(room.values, heads.in.textValues(), heads.in.values(), sample, head);
        for (int block = from; block < to; block += QUERY_BLOCK) {
            int queries = Math.min(QUERY_BLOCK, to - block);
            heads.copyRows(room.outputs, heads.row(heads.in.query(), sample, head, block), queries); // see NearRows
            heads.transpose(room.queries, room.outputs, 4L * heads.padded, queries);
            for (int key = 0; key < keys; key += heads.keyBlock) {
                addKeys(room, key, Math.min(heads.keyBlock, keys - key), queries);
            }
            write(room, sample, head, block, queries);
        }
    }

    private void addKeys(Room room, int first, int keys, int queries) {
        long offset = 4L * heads.padded * first;
        heads.scores(room.strip, room.scores, room.keys + offset, keys, room.queries, queries);
        heads.loops.softmax(
                room.scores,
                4L * heads.scoreStride(),
                keys,
                up(queries, heads.tile.columns()),
                heads.in.scale(),
                room.maxima,
                room.sums,
                room.factors,
                first == 0);
        if (first > 0) {
            for (int i = 0; i < queries; i++) {
                long row = room.outputs + 4L * heads.padded * i;
                heads.loops.scale(row, row, get(room.factors, i), heads.width);
            }
        }
        heads.byQuery(room.strip, room.outputs, room.scores, queries, room.values + offset, keys, first > 0);
    }

    private void write(Room room, int sample, int head, int block, int queries) {
        long logs = logSumExp.address() + 4L * (((long) sample * heads.heads + head) * heads.queries + block);
        CpuMemory.check(logs, 4L * queries);
        for (int i = 0; i < queries; i++) {
            float sum = get(room.sums, i);
            long target = heads.tokenRow(out, sample, head, block + i);
            CpuMemory.check(target, 4L * heads.width);
            heads.loops.scale(target, room.outputs + 4L * heads.padded * i, 1 / sum, heads.width);
            ALL.set(JAVA_FLOAT_UNALIGNED, logs + 4L * i, (float) (get(room.maxima, i) + Math.log(sum)));
        }
    }

    private static float get(long address, int index) {
        return ALL.get(JAVA_FLOAT_UNALIGNED, address + 4L * index);
    }
}
