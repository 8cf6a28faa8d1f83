/**
 * Frozen networks that look at pictures: teachers, perceptual losses, and the eyes of the scoreboard.
 *
 * <h2>Why</h2>
 * <ul>
 *   <li>Transformers take their patches through a linear layer, the weights of the stored convolution seen as a matrix, and run
 *       on the denoiser's attention and head kernels: nothing of theirs needs a convolution. DINOv3's halves are rotated as
 *       neighbours, its query and key rows put into that order when they are loaded.
 *   <li>Inception's normalisations are folded into its convolutions: 94 passes over the activations less, and upstream's
 *       features still agree to 2.5e-7.
 *   <li>Positions are resampled on the CPU at every call, since they are frozen: 1,369 rows of 1,024 numbers.
 *   <li>The encoder that a fresh machine can fetch is given pixels in [0, 1]: its running means say so, see
 *       {@link mezzotint.vision.InceptionConversion}.
 * </ul>
 */
package mezzotint.vision;
