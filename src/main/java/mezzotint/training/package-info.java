/**
 * The objective, optimizers, schedules, checkpoints and the loop that joins them.
 *
 * <h2>Why</h2>
 *
 * The quickstart's recipe, by share of 64 concepts × 6 languages drawn right: time shift 1 gave 4 % after 1000 steps and shift
 * 3 gave 26 %, since at t near 1 only the prompt says what to draw; shift 6 with clipping at 0.2 and four blocks instead of six
 * gave 91 % after 1200 steps and 100 % after 3000.
 *
 * <p>Techniques are off where their weight or probability is 0 and PRX's own settings otherwise, so that an ablation names the
 * one number that differs. A file may name the file it starts from; what is written into a checkpoint is always whole.
 *
 * <p>Mixed precision rounds the operands of products and nothing else ({@link mezzotint.kernel.BFloat16Products}), since the
 * tape's other operations take float32: on a GPU products are then on tensor cores, activations still take four bytes. The
 * sums that make the loss stay float32, without which a loss of 1.0633 was logged as 1.0635.
 *
 * <p>A checkpoint has a manifest with hashes although it is renamed into place whole: renaming guards against a process that
 * dies (tried at each of the 79 changes to the disk that saving one makes), the manifest against a disk that forgets. Reading
 * one back costs a SHA-256 of its files, once a start.
 */
package mezzotint.training;
