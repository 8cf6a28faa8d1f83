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
 *
 * <p>What the compiler makes of a kernel decides more than the kernel: with the loops of attention inlined into a lambda, its
 * exponentials were objects in about half of all processes (a sampling step's attention 41 instead of 31 ms), and a tile that
 * C1 had given up on left a training run at 13 instead of 166 pictures a second. {@link mezzotint.kernel.cpu.JitDirectives}
 * prevents both.
 *
 * <p>On one core of a Zen 4 the tile alone runs at 114 of 118 GFLOP/s, and loses 4 % to rows of a and 4 % to rows of c that
 * are not in a cache, so that products run at 102 to 107. Packing a, touching the next rows of a or c, or claiming c by a
 * store in time gained nothing in a whole step; larger groups of panels, deeper blocks and parts of a batch neither.
 */
package mezzotint.kernel.cpu;
