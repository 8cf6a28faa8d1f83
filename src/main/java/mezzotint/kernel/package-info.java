/**
 * The contract between the tape and a device: one nested interface of {@link mezzotint.kernel.Kernels} per family.
 *
 * <h2>Why</h2>
 *
 * Coarse, fused operations with hand-written backwards: recording one costs about 0.1 µs, so an eager tape loses nothing to
 * a captured graph, and fusing by hand is what a compiler would have to find out.
 */
package mezzotint.kernel;
