/**
 * Reverse-mode differentiation: an eager, linear tape over coarse operations, with all memory from arenas.
 *
 * <h2>Why</h2>
 *
 * Recording costs about 0.1 µs an operation, so nothing is gained by capturing a graph; a graph compiler such as tinygrad's
 * is 34 thousand lines, hand-written backwards per model would have to be written again for every ablation.
 */
package mezzotint.autograd;
