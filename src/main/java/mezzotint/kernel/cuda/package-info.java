/**
 * CUDA: launchers of the hand-written kernels, device memory, and the driver behind both.
 *
 * <h2>Why</h2>
 *
 * Everything goes through {@link mezzotint.kernel.cuda.CudaDriver}, so that the machine that runs PTX in Java executes the
 * very launches that a GPU does. Arguments lie in one preallocated off-heap block: 250 ns a launch, where nested pointer
 * objects cost 3.7 to 6.1 µs.
 */
package mezzotint.kernel.cuda;
