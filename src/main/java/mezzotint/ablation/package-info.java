/**
 * Ablations: a logbook names a baseline and its one-change variants, runs them over several seeds, and reports what each change
 * did.
 *
 * <p>{@link mezzotint.ablation.LogbookFile} reads a logbook, {@link mezzotint.ablation.LogbookRunner} runs what is missing and
 * appends a line a run to {@link mezzotint.ablation.RunRecords}, {@link mezzotint.ablation.LogbookReport} writes the page.
 *
 * <h2>Why</h2>
 *
 * A variant is compared seed by seed: runs of one seed see the same pictures, captions, times and noise in the same order, so
 * the difference of a pair is less scattered than the difference of two means.
 */
package mezzotint.ablation;
