package mezzotint.kernel.evidence;

/**
 * What a GPU can do at most, by its data sheet, and how long work takes it at least.
 *
 * <pre>time = max(bytes / bandwidth, float32 operations / float32 peak, bf16 operations / bf16 peak)</pre>
 *
 * An estimate: nothing was measured, a launch itself costs a few microseconds more, and no kernel reaches a peak.
 *
 * @see <a href="https://doi.org/10.1145/1498765.1498785">Williams et al. 2009, Roofline</a>
 */
public enum Gpu {
    /** A100 SXM 40 GB. */
    A100("A100", 1555, 19.5, 312),
    /** H100 SXM. */
    H100("H100", 3350, 66.9, 989),
    /** RTX 4090; its bf16 products accumulate in float32 at half its rate for float16. */
    RTX_4090("RTX 4090", 1008, 82.6, 165);

    private final String words;
    private final double gigabytes;
    private final double teraflops;
    private final double matrixTeraflops;

    Gpu(String words, double gigabytes, double teraflops, double matrixTeraflops) {
        this.words = words;
        this.gigabytes = gigabytes;
        this.teraflops = teraflops;
        this.matrixTeraflops = matrixTeraflops;
    }

    /** Its name. */
    public String words() {
        return words;
    }

    /** The peaks, for people. */
    public String peaks() {
        return "%.0f GB/s, %.1f TFLOP/s in float32, %.0f in bf16".formatted(gigabytes, teraflops, matrixTeraflops);
    }

    /**
     * The least time in microseconds.
     *
     * @param bytes moved from and to global memory
     * @param flops additions and products outside the tensor cores
     * @param matrixFlops those of the tensor cores
     */
    public double microseconds(double bytes, double flops, double matrixFlops) {
        return Math.max(bytes / gigabytes / 1e3, Math.max(flops / teraflops, matrixFlops / matrixTeraflops) / 1e6);
    }
}
