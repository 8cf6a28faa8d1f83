package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static mezzotint.kernel.cpu.AttentionHeads.QUERY_BLOCK;
import static mezzotint.kernel.cpu.AttentionHeads.up;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import mezzotint.kernel.AttentionInputs;
import mezzotint.tensor.Tensor;

/** The backward of one head: probabilities once more, then the five products of blocks of queries and keys. */
final class AttentionBackward {
    private static final int SLOT = 0;

    private final AttentionHeads heads;
    private final CpuScratch scratch;
    private final AttentionInputs gradients;
    private final Tensor gradOut;
    private final Tensor out;
    private final Tensor logSumExp;
    private final boolean first;
    private final boolean wantsKeys;
    private final boolean wantsValues;

    AttentionBackward(
            AttentionHeads heads,
            CpuScratch scratch,
            AttentionInputs gradients,
            Tensor gradOut,
            Tensor out,
            Tensor logSumExp,
            boolean first) {
        this.heads = heads;
        this.scratch = scratch;
        this.gradients = gradients;
        this.gradOut = gradOut;
        this.out = out;
        this.logSumExp = logSumExp;
        this.first = first;
        wantsKeys = gradients.keys() != null || gradients.textKeys() != null;
        wantsValues = gradients.values() != null || gradients.textValues() != null;
    }

    /** A worker's scratch memory: an array, and addresses; "turned" is transposed to panels. */
    private record Room(
            float[] strip,
            long keys,
            long values,
            long gradKeys,
            long gradValues,
            long queries,
            long gradOuts,
            long gradQueries,
            long turnedQueries,
            long turnedGradOuts,
            long scores,
            long gradScores,
            long logs,
            long deltas) {
        static Room of(AttentionHeads h, CpuScratch scratch, int worker) {
            long rows = 4L * h.padded * h.paddedKeys();
            long block = 4L * h.padded * h.queryRows();
            long turned = 4L * h.width * up(QUERY_BLOCK, h.tile.columns());
            long scores = 4L * h.scoreStride() * up(h.keyBlock, h.tile.rows());
            long vector = 4L * h.scoreStride();
            long bytes = 4 * rows + 3 * block + 2 * turned + 2 * scores + 2 * vector;
            var carver = new Carver(scratch, worker, SLOT, bytes, 13);
            return new Room(
                    h.strip(scratch, worker),
                    carver.next(rows),
                    carver.next(rows),
                    carver.next(rows),
                    carver.next(rows),
                    carver.next(block),
                    carver.next(block),
                    carver.next(block),
                    carver.next(turned),
                    carver.next(turned),
                    carver.next(scores),
                    carver.next(scores),
                    carver.next(vector),
                    carver.next(vector));
        }
    }

    /** Adds the gradients of one head. */
    void run(int worker, int sample, int head) {
        Room room = Room.of(heads, scratch, worker);
        int keys = heads.gather(room.keys, heads.in.textKeys(), heads.in.keys(), sample, head);
        heads.gather(room.values, heads.in.textValues(), heads.in.values(), sample, head);
        for (int block = 0; block < heads.queries; block += QUERY_BLOCK) {
            int queries = Math.min(QUERY_BLOCK, heads.queries - block);
            loadQueries(room, sample, head, block, queries);
            for (int key = 0; key < keys; key += heads.keyBlock) {
                addKeys(room, key, Math.min(heads.keyBlock, keys - key), queries, block == 0);
            }
            for (int i = 0; i < queries; i++) {
                heads.addRow(
                        gradients.query(), sample, head, block + i, room.gradQueries + 4L * heads.padded * i, first);
            }
        }
        heads.addBack(gradients.textKeys(), gradients.keys(), room.gradKeys, sample, head, first);
        heads.addBack(gradients.textValues(), gradients.values(), room.gradValues, sample, head, first);
    }

    private void loadQueries(Room room, int sample, int head, int block, int queries) {
        long logs = logSumExp.address() + 4L * (((long) sample * heads.heads + head) * heads.queries + block);
        heads.loops.copy(room.logs, logs, queries, heads.scoreStride());
        heads.loops.copy(room.deltas, logs, 0, heads.scoreStride());
        heads.copyRows(room.queries, heads.row(heads.in.query(), sample, head, block), queries);
        for (int i = 0; i < queries; i++) {
            long offset = 4L * heads.padded * i;
            long gradient = heads.tokenRow(gradOut, sample, head, block + i);
            heads.copyRow(room.gradOuts + offset, gradient);
            float delta = heads.loops.dot(heads.tokenRow(out, sample, head, block + i), gradient, heads.width);
            ALL.set(JAVA_FLOAT_UNALIGNED, room.deltas + 4L * i, delta);
        }
        heads.transpose(room.turnedQueries, room.queries, 4L * heads.padded, queries);
        heads.transpose(room.turnedGradOuts, room.gradOuts, 4L * heads.padded, queries);
    }

    private void addKeys(Room room, int first, int keys, int queries, boolean firstQueries) {
        long offset = 4L * heads.padded * first;
        heads.scores(room.strip, room.scores, room.keys + offset, keys, room.turnedQueries, queries);
        heads.scores(room.strip, room.gradScores, room.values + offset, keys, room.turnedGradOuts, queries);
        heads.loops.probabilities(
                room.scores,
                room.gradScores,
                4L * heads.scoreStride(),
                keys,
                up(queries, heads.tile.columns()),
                heads.in.scale(),
                room.logs,
                room.deltas);
        if (wantsValues) {
            heads.byKey(room.strip, room.gradValues + offset, room.scores, keys, room.gradOuts, queries, !firstQueries);
        }
        if (wantsKeys) {
            heads.byKey(
                    room.strip, room.gradKeys + offset, room.gradScores, keys, room.queries, queries, !firstQueries);
        }
        if (gradients.query() != null) {
            heads.byQuery(room.strip, room.gradQueries, room.gradScores, queries, room.keys + offset, keys, first > 0);
        }
    }
}
