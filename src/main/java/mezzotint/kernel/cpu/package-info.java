/**
 * The CPU device: kernels on off-heap memory, with the Vector API where the JVM has it.
 *
 * <h2>Why</h2>
 *
 * Products read b as it lies where a page holds a row of it, and copy panels of it otherwise. A transposed a is packed
 * depth-major, 64 bytes for each k in blocks of 384, so that a strip stays in a first-level cache. What lies in main memory is
 * asked for in its own order: one core of a Zen 4 gets 30 GB/s so, and 8 to 10 when it walks down a column of lines. Both sides
 * of a weight gradient are therefore packed row by row, for all strips and all workers at once (98 to 103 before and 100 to
 * 108 GFLOP/s after on one thread, 163 to 197 and 194 to 211 on two), and a weight's rows are copied before they are
 * transposed (0.33 to 0.20 ms for 2 MiB).
 *
 * <p>Rows a multiple of 2 KiB apart push each other out of the caches and are copied: by vectors, 75 to 101 of 118 GFLOP/s at
 * widths 1536, 2048 and 3072. Rows read in place go through in blocks of up to 1792: at depth 1344 the one block gives 108,
 * two give 105.
 *
 * <p>The first operation that adds to a gradient overwrites it, where its kernel can: GEGLU's backward of a training step takes
 * 13 instead of 12 + 5 ms, because no zeros are written and read. Writing them piece by piece in the cache cost more, 19 ms.
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
 * store in time gained nothing in a whole step; larger groups of panels and parts of a batch neither.
 */
package mezzotint.kernel.cpu;
