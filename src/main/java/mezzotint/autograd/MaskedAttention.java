package mezzotint.autograd;

import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Attention as products and a softmax: any mask, any width, fewer heads of keys than of queries.
 *
 * <p>Scores are made block of queries by block, and made again in the backward pass, so that no more than
 * {@value #BLOCK_BYTES} bytes of them exist at a time.
 */
final class MaskedAttention {
    private static final long BLOCK_BYTES = 32L << 20;

    private final Kernels kernels;
    private final Tensor query;
    private final Tensor keys;
    private final Tensor values;
    private final Tensor mask;
    private final float scale;
    private final long blockBytes;
    private final long samples;
    private final long heads;
    private final long shared;
    private final long queries;
    private final long width;
    private final long keyCount;

    private MaskedAttention(
            Kernels kernels, Tensor query, Tensor keys, Tensor values, Tensor mask, float scale, long blockBytes) {
        this.kernels = kernels;
        this.blockBytes = blockBytes;
        this.query = query;
        this.keys = keys;
        this.values = values;
        this.mask = mask;
        this.scale = scale;
        samples = query.shape().dim(0);
        heads = keys.shape().dim(1);
        shared = query.shape().dim(1) / Math.max(1, heads);
        queries = query.shape().dim(2);
        width = query.shape().dim(3);
        keyCount = keys.shape().dim(2);
    }

    static Tensor softmax(Tape tape, Tensor x, Tensor mask, float scale) {
        Checks.rank("softmax", "x", x, 4);
        Checks.floats("softmax", x);
        checkMask("softmax", mask, x.shape().dim(0), x.shape().dim(2), x.shape().dim(3));
        Tensor y = tape.allocate(x.shape(), DType.F32);
        EncoderKernels.Softmax softmax = tape.kernels().softmax();
        softmax.forward(y, x, mask, scale);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> softmax.backward(tape.slot(x), gradY, y, scale));
        }
        return y;
    }

    private static void checkMask(String operation, Tensor mask, long b, long l, long s) {
        if (mask != null) {
            Checks.shape(operation, "mask", mask, b, l, s);
            Checks.type(operation, "mask", mask, DType.BOOL, DType.U8);
        }
    }

    static Tensor attention(Tape tape, Tensor query, Tensor keys, Tensor values, Tensor mask, float scale) {
        return attention(tape, query, keys, values, mask, scale, BLOCK_BYTES);
    }

    /** The same with scores of at most {@code blockBytes} bytes at a time. */
    static Tensor attention(
            Tape tape, Tensor query, Tensor keys, Tensor values, Tensor mask, float scale, long blockBytes) {
        check(query, keys, values, mask);
        var attention = new MaskedAttention(tape.kernels(), query, keys, values, mask, scale, blockBytes);
        Tensor out = tape.allocate(
                query.shape().dim(0),
                query.shape().dim(2),
                query.shape().dim(1) * query.shape().dim(3));
        attention.forward(tape.activations, out);
        if (tape.needsGradient(query, keys, values)) {
            tape.record(out, gradOut -> {
                Tensor[] slots = {tape.slot(query), tape.slot(keys), tape.slot(values)};
                attention.backward(tape.gradients, slots, gradOut);
            });
        }
        return out;
    }

    private static void check(Tensor query, Tensor keys, Tensor values, Tensor mask) {
        String operation = "attention";
        Checks.rank(operation, "query", query, 4);
        Checks.rank(operation, "keys", keys, 4);
        long b = query.shape().dim(0);
        long k = keys.shape().dim(1);
        long s = keys.shape().dim(2);
        Checks.shape(operation, "keys", keys, b, k, s, query.shape().dim(3));
        Checks.same(operation, "values", values, "keys", keys);
        Checks.floats(operation, query, keys, values);
        if (k == 0 || query.shape().dim(1) % k != 0) {
            throw new ShapeMismatchException(
                    "attention: query %s, keys %s; expected heads of the query in a multiple of those of the keys",
                    query.shape(), keys.shape());
        }
        checkMask(operation, mask, b, query.shape().dim(2), s);
    }

    /** Queries of {@code shared} heads in one go where their scores are few, else of one head and as many as fit. */
    private record Block(long sample, long keyHead, long head, long heads, long from, long to) {
        long rows() {
            return heads * (to - from);
        }
    }

    @FunctionalInterface
    private interface BlockBody {
        void run(Block block);
    }

    private void forEachBlock(BlockBody body) {
        long fitting = Math.max(1, blockBytes / (4 * Math.max(1, keyCount)));
        boolean together = fitting >= shared * queries;
        long step = together ? queries : Math.min(fitting, queries);
        for (long sample = 0; sample < samples; sample++) {
            for (long keyHead = 0; keyHead < heads; keyHead++) {
                for (long head = 0; head < shared; head += together ? shared : 1) {
                    for (long from = 0; from < queries; from += step) {
                        long first = keyHead * shared + head;
                        body.run(new Block(
                                sample, keyHead, first, together ? shared : 1, from, Math.min(queries, from + step)));
                    }
                }
            }
        }
    }

    /** The block's part of a tensor (B, H, L, d). */
    private Tensor part(Tensor x, Block block) {
        long first = (block.sample * shared * heads + block.head) * queries + block.from;
        return x.view(x.shape().elements() / width, width).rows(first, first + block.rows());
    }

    /** A head of a tensor (B, K, S, d). */
    private Tensor head(Tensor x, Block block) {
        long first = block.sample * heads + block.keyHead;
        return x.view(samples * heads * keyCount, width).rows(first * keyCount, (first + 1) * keyCount);
    }

    /** Overwrites {@code p} (rows, S) with the probabilities of the block. */
    private void probabilities(Tensor p, Block block) {
        kernels.matmul().multiply(p, part(query, block), head(keys, block), null, false, true, false);
        Tensor four = p.view(1, block.heads, block.to - block.from, keyCount);
        Tensor seen = null;
        if (mask != null) {
            long first = block.sample * queries + block.from;
            seen = mask.view(samples * queries, keyCount)
                    .rows(first, first + block.to - block.from)
                    .view(1, block.to - block.from, keyCount);
        }
        kernels.softmax().forward(four, four, seen, scale);
    }

    private void forward(TensorArena arena, Tensor out) {
        long mark = arena.mark();
        boolean oneHead = heads * shared == 1;
        Tensor byHead = oneHead ? out : arena.allocate(query.shape(), DType.F32);
        forEachBlock(block -> {
            long inner = arena.mark();
            Tensor p = arena.allocate(block.rows(), keyCount);
            probabilities(p, block);
            kernels.matmul().multiply(part(byHead, block), p, head(values, block), null, false, false, false);
            arena.release(inner);
        });
        if (!oneHead) {
            int[] order = {0, 2, 1, 3};
            kernels.layout().permute(out, byHead, query.shape().dims(), order, false);
        }
        arena.release(mark);
    }

    private void backward(TensorArena arena, Tensor[] slots, Tensor gradOut) {
        long mark = arena.mark();
        Tensor byHead = gradOut;
        if (heads * shared != 1) {
            byHead = arena.allocate(query.shape(), DType.F32);
            long[] dims = {samples, queries, heads * shared, width};
            int[] order = {0, 2, 1, 3};
            kernels.layout().permute(byHead, gradOut, dims, order, false);
        }
        Tensor gradients = byHead;
        forEachBlock(block -> {
            long inner = arena.mark();
            backward(arena, slots, gradients, block);
            arena.release(inner);
        });
        arena.release(mark);
    }

    private void backward(TensorArena arena, Tensor[] slots, Tensor gradOut, Block block) {
        Kernels.Matmul matmul = kernels.matmul();
        Tensor p = arena.allocate(block.rows(), keyCount);
        probabilities(p, block);
        Tensor grad = part(gradOut, block);
        if (slots[2] != null) {
            matmul.multiply(head(slots[2], block), p, grad, null, true, false, true);
        }
        if (slots[0] == null && slots[1] == null) {
            return;
        }
        Tensor gradP = arena.allocate(block.rows(), keyCount);
        matmul.multiply(gradP, grad, head(values, block), null, false, true, false);
        Tensor gradScores = arena.zeros(gradP.shape(), DType.F32);
        long[] dims = {1, 1, block.rows(), keyCount};
        kernels.softmax().backward(gradScores.view(dims), gradP.view(dims), p.view(dims), scale);
        if (slots[0] != null) {
            matmul.multiply(part(slots[0], block), gradScores, head(keys, block), null, false, false, true);
        }
        if (slots[1] != null) {
            matmul.multiply(head(slots[1], block), gradScores, part(query, block), null, true, false, true);
        }
    }
}
