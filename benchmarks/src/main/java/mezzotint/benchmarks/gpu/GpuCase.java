package mezzotint.benchmarks.gpu;

/**
 * One kernel at one size.
 *
 * @param name what runs, as {@code gpu_peer.py} names it too
 * @param shape its sizes
 * @param dtype of the activations
 * @param flops floating-point operations of the definition, 0 where bytes are what counts
 * @param bytes the fewest bytes to move: every input once, every output once
 * @param work launches it
 */
record GpuCase(String name, String shape, String dtype, double flops, double bytes, Runnable work) {

    /** How fast it went: TFLOP/s of a product, else GB/s. */
    String rate(double milliseconds) {
        return flops > 0
                ? "%.1f TFLOP/s".formatted(flops / milliseconds / 1e9)
                : "%.0f GB/s".formatted(bytes / milliseconds / 1e6);
    }
}
