/**
 * Kernels under JMH, at the sizes of {@link mezzotint.benchmarks.PrxShape#PIXEL_64}.
 *
 * <p>{@link mezzotint.benchmarks.kernels.KernelReport} runs them and appends to {@code results.csv}; JMH's own main works
 * as well.
 */
package mezzotint.benchmarks.kernels;
