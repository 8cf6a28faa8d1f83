/**
 * Times of the CUDA kernels on a GPU, beside those that {@code gpu_peer.py} takes of PyTorch on the same machine.
 *
 * <h2>Why</h2>
 *
 * JMH times calls, and a launch returns before the kernel has run: so each kernel is timed between two events of its stream, and
 * the sizes are such that its tensors do not fit the cache.
 */
package mezzotint.benchmarks.gpu;
