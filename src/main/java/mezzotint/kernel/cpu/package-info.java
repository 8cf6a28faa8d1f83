/**
 * The CPU device: kernels on off-heap memory, with the Vector API where the JVM has it.
 *
 * <h2>Why</h2>
 *
 * Products read b as it lies where a page holds a row of it, copy panels of it right before their use where few strips meet
 * them, and pack a transposed a depth-major, 64 bytes for each k in blocks of 384, so that a strip stays in a first-level
 * cache. On one core of a Xeon with AVX-512 (thread time, best of 60) weight gradients went from 72 to 110 GFLOP/s up to 102
 * to 142, other products by 0 to 8 %; a whole sampling step took 487 instead of 522 ms.
 */
package mezzotint.kernel.cpu;
