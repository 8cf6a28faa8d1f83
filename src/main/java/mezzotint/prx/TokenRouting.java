package mezzotint.prx;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.IntStream;
import mezzotint.flow.TorchRandom;

/**
 * Random token routing: a share of the image tokens passes a span of blocks by, drawn anew at every step.
 *
 * <p>The numbers are those of PyTorch's CPU generator, seeded for each step, so a step's route is a function of its index.
 *
 * @param first block before which routed tokens leave
 * @param last block after which they come back, above {@code first}
 * @param probability share of the tokens that are routed, in [0, 1]
 * @param seed base of the steps' seeds
 * @param detach whether no gradient flows through the tokens that pass by
 * @see <a href="https://arxiv.org/abs/2501.04765">Krause et al. 2025, TREAD, §3.2</a>
 */
public record TokenRouting(int first, int last, double probability, long seed, boolean detach) {
    private static final BigInteger GOLDEN_RATIO = new BigInteger("9E3779B97F4A7C15", 16);
    private static final BigInteger PER_BATCH = BigInteger.valueOf(1_664_525);
    private static final BigInteger MODULUS = BigInteger.valueOf(Long.MAX_VALUE);

    /** @throws InvalidPrxConfigException when a number is out of range */
    public TokenRouting {
        if (first < 0 || last <= first) {
            throw new InvalidPrxConfigException(
                    "token routing", "0 ≤ first block < last block", first + " and " + last);
        }
        if (!(probability >= 0 && probability <= 1)) {
            throw new InvalidPrxConfigException("token routing", "a probability in [0, 1]", probability);
        }
    }

    /** How many of {@code tokens} are routed: the share rounded half to even, at least one, and one stays. */
    public int routedOf(int tokens) {
        if (probability <= 0) {
            return 0;
        }
        int wanted = (int) Math.rint(tokens * probability);
        return Math.min(Math.max(wanted, 1), tokens - 1);
    }

    /**
     * The generator's seed of a step.
     *
     * <pre>(seed + 9E3779B97F4A7C15₁₆ + 1664525 · batchIndex + rank) mod (2⁶³ − 1)</pre>
     *
     * @param batchIndex 0 for the first batch; the seed of the picture when one is drawn
     * @param rank of this process, 0 for one alone
     */
    public long stepSeed(long batchIndex, int rank) {
        return BigInteger.valueOf(seed)
                .add(GOLDEN_RATIO)
                .add(PER_BATCH.multiply(BigInteger.valueOf(batchIndex)))
                .add(BigInteger.valueOf(rank))
                .mod(MODULUS)
                .longValueExact();
    }

    /**
     * The route of a step: of each picture's uniform numbers the smallest are routed, in ascending order of number.
     *
     * @param stepSeed see {@link #stepSeed}
     * @param batch B
     * @param tokens L
     */
    public TokenRoute route(long stepSeed, int batch, int tokens) {
        float[] uniforms = new TorchRandom(stepSeed).uniforms(batch * tokens);
        int[][] visible = new int[batch][];
        int[][] routed = new int[batch][];
        for (int b = 0; b < batch; b++) {
            int row = b * tokens;
            // Bits of numbers that are at least 0 rise with them; equal ones keep their order.
            int[] ascending = IntStream.range(0, tokens)
                    .mapToLong(i -> (long) Float.floatToIntBits(uniforms[row + i]) << 32 | i)
                    .sorted()
                    .mapToInt(key -> (int) key)
                    .toArray();
            routed[b] = Arrays.copyOf(ascending, routedOf(tokens));
            visible[b] = Arrays.copyOfRange(ascending, routed[b].length, tokens);
            Arrays.sort(visible[b]);
        }
        return new TokenRoute(first, last, visible, routed, detach);
    }
}
