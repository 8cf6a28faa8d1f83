/**
 * From pictures to what the denoiser sees and back: pixels as they are, or the latents of an autoencoder.
 *
 * <p>Pictures go in and come out as (B, 3, height, width) in [−1, 1]; inside they lie channels last. Tensors carry the names of
 * the diffusers checkpoints.
 *
 * <h2>Why</h2>
 *
 * <ul>
 *   <li>Layers are run as nested checkpoints where nothing is recorded, so that each result moves to where its input lay: FLUX's
 *       decoder takes 14.7 MB of activations for 64×64 pixels, 113 MB if all are kept, and 900 MiB for 512×512.
 *   <li>Weights of equal pixels are added before a convolution of doubled ones: a decode of 256×256 took 10.9 s of one thread
 *       instead of 15.1 (FLUX's sizes, 256-bit vectors, a busy machine).
 *   <li>Tiles begin above 1024 pixels, not above the size in the configuration as in diffusers, where they are off unless asked for:
 *       normalisation over a tile changes the picture.
 *   <li>Tiles are blended on the host: 2 operations a colour, where the decoder needs nearly 3 million.
 * </ul>
 */
package mezzotint.latent;
