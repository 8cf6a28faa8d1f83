package mezzotint.kernel.cpu;

import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/**
 * Attention on the CPU, a block of queries against all keys at a time.
 *
 * <p>Probabilities are kept unnormalised and 1/sum is applied to the output; the backward computes them again from
 * {@code logSumExp}. Only when there are more keys than the cache can hold scores of does the forward go on block by block of
 * keys, with a running maximum.
 */
final class CpuAttention implements Kernels.Attention {
    /** Scores of 96 queries with so many keys are 400 KiB: twice that, for the backward, still fits a second-level cache. */
    private static final int KEYS_AT_ONCE = 1024;

    private final CpuResources resources;
    private final int keysAtOnce;

    CpuAttention(CpuResources resources) {
        this(resources, KEYS_AT_ONCE);
    }

    /** Scores of about {@code keysAtOnce} keys are held at once. */
    CpuAttention(CpuResources resources, int keysAtOnce) {
        this.resources = resources;
        this.keysAtOnce = keysAtOnce;
    }

    @Override
    public void forward(Tensor out, Tensor logSumExp, AttentionInputs in) {
        var heads = new AttentionHeads(resources, in, keysAtOnce);
        var pass = new AttentionForward(heads, resources.scratch(), out, logSumExp);
        int all = in.query().shape().size(0) * heads.heads;
        int blocks = AttentionHeads.up(heads.queries, AttentionHeads.QUERY_BLOCK) / AttentionHeads.QUERY_BLOCK;
        // A query's result does not depend on what else its part holds, so parts may follow the threads.
        int parts = Math.min(blocks, (4 * resources.threads().count() + all - 1) / all);
        resources.threads().forEach(all * parts, (worker, chunk) -> {
            int head = chunk / parts;
            int part = chunk % parts;
            int from = blocks * part / parts * AttentionHeads.QUERY_BLOCK;
            int to = Math.min(heads.queries, blocks * (part + 1) / parts * AttentionHeads.QUERY_BLOCK);
            pass.run(worker, head / heads.heads, head % heads.heads, from, to);
        });
    }

    @Override
    public void backward(AttentionInputs gradients, Tensor gradOut, Tensor out, Tensor logSumExp, AttentionInputs in) {
        backward(gradients, gradOut, out, logSumExp, in, false);
    }

    @Override
    public void firstBackward(
            AttentionInputs gradients, Tensor gradOut, Tensor out, Tensor logSumExp, AttentionInputs in) {
        backward(gradients, gradOut, out, logSumExp, in, true);
    }

    private void backward(
            AttentionInputs gradients,
            Tensor gradOut,
            Tensor out,
            Tensor logSumExp,
            AttentionInputs in,
            boolean first) {
        var heads = new AttentionHeads(resources, in, keysAtOnce);
        var pass = new AttentionBackward(heads, resources.scratch(), gradients, gradOut, out, logSumExp, first);
        resources
                .threads()
                .forEach(
                        in.query().shape().size(0) * heads.heads,
                        (worker, chunk) -> pass.run(worker, chunk / heads.heads, chunk % heads.heads));
    }
}
