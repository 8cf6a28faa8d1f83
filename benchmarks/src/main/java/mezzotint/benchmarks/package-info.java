/**
 * Whole training and sampling steps beside libtorch on the same work, and kernels under JMH.
 *
 * <p>{@link mezzotint.benchmarks.WholeStep} times one implementation in one process and prints one JSON line;
 * {@link mezzotint.benchmarks.Compare} runs two of them alternately and appends rows to {@code results.csv};
 * {@link mezzotint.benchmarks.GoldenCheck} shows that the libtorch side computes what the reference does.
 *
 * <p><b>Legend</b>: B batch · L image tokens · T text tokens · S = T + L keys · D width · H heads · M MLP width ·
 * P patch · C colours. t is in [0, 1], 1 = noise.
 */
package mezzotint.benchmarks;
