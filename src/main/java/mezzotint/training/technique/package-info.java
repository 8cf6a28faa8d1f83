/**
 * Training techniques as values that plug into a step: a tap on a block's output, a route between two blocks, a term added to
 * the loss.
 *
 * <p>{@link mezzotint.training.technique.LossTerm} is the door. A term sees the whole step
 * ({@link mezzotint.training.technique.TrainedStep}), may ask for block outputs, and returns one number; the order of terms is
 * the order of addition. Routes are {@link mezzotint.prx.TokenRouting}'s, fusions and resolution tokens
 * {@link mezzotint.prx.PrxExtensions}', since drawing needs them as well.
 */
package mezzotint.training.technique;
