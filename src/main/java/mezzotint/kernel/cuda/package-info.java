/**
 * CUDA: launchers of the hand-written kernels, device memory, and the driver behind both.
 *
 * <h2>Why</h2>
 *
 * Everything goes through {@link mezzotint.kernel.cuda.CudaDriver}, so that the machine that runs PTX in Java executes the
 * very launches that a GPU does. Arguments lie in one preallocated off-heap block: 250 ns a launch, where nested pointer
 * objects cost 3.7 to 6.1 µs.
 *
 * <p>The driver answers its first questions through {@code java.lang.foreign}: a failed static initialiser of JCuda's would
 * spoil the process. JCuda's natives are unpacked to the user's cache, since JCuda itself loads whatever lies under their
 * name in the temporary folder. cuBLAS 12 is called through JCublas2, cuBLAS 13, which JCuda has no binding for, directly.
 *
 * <p>On an H100, float32, 64-pixel PRX of 11 M parameters, batch 32: a training step takes 9.3 ms with our own products and
 * 9.0 ms with cuBLAS's, 55 % of it in products; as a graph the same, so kernels and not launches are what is waited for. bf16
 * attention takes 1.0 to 1.2 times what FlashAttention-2 takes, both on {@code mma.sync}.
 *
 * <p>Encoders and autoencoders have kernels of their own in float32 too, so no cuDNN is needed, a large library for what runs
 * once a picture. Convolutions are implicit products, those of one pixel are {@link mezzotint.kernel.Kernels.Matmul}'s. All of
 * these have run on the machine that runs PTX, and none has been timed on a GPU.
 */
package mezzotint.kernel.cuda;
