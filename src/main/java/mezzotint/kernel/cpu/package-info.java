/**
 * The CPU device: kernels on off-heap memory, with the Vector API where the JVM has it.
 *
 * <h2>Why</h2>
 *
 * Products read b as it lies where a page holds a row of it, copy panels of it right before their use where few strips meet
 * them, and pack a transposed a depth-major, 64 bytes for each k in blocks of 384, so that a strip stays in a first-level
 * cache. On one core of a Xeon with AVX-512 (thread time, best of 60) weight gradients went from 72 to 110 GFLOP/s up to 102
 * to 142, other products by 0 to 8 %; a whole sampling step took 487 instead of 522 ms.
 *
 * <p>Convolution copies what a run of some 96 pixels sees, with zeros around, and meets panels of packed weights with it: a
 * tap is a shift of the copy, so that neither the nine copies of im2col nor memory for more than a run are needed. On one core
 * with AVX2, in thread time on a loaded machine, 3 × 3 convolutions of 128 to 512 channels ran at 55 to 62 GFLOP/s and the
 * gradients of their inputs at 57 to 60, products of their size at 52 to 59. Gradients of weights go through im2col, 8 MiB at
 * a time, at 30 to 45.
 *
 * <p>The row kernels' loops live in small methods that get every vector they start from out of memory or a broadcast: a sum
 * that begins with a constant vector, or with one of two, becomes an object in each step (softmax 10.5 to 5.4 ms, taps 41 to 6).
 */
package mezzotint.kernel.cpu;
