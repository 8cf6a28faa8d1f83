/**
 * From pictures to what the denoiser sees and back: pixels as they are, or the latents of an autoencoder.
 *
 * <p>Pictures go in and come out as (B, 3, height, width) in [−1, 1]; inside they lie channels last. Tensors carry the names of
 * the diffusers checkpoints.
 */
package mezzotint.latent;
