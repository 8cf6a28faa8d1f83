/**
 * From prompts to the token states that condition the denoiser.
 *
 * <h2>Why</h2>
 *
 * <ul>
 *   <li>Bytes with hashed n-grams are the default: any language, nothing to download, trained with the denoiser.
 *   <li>States of multilingual BERT are standardised per dimension: raw ones failed in training (5% of prompts gave the
 *       prompted picture, 98 to 100% when standardised; 64 concepts, 13 languages, 10 minutes).
 *   <li>BERT is converted straight from the jar, its zip never unpacked: 19 s, 284 MB. Matrices in bfloat16, half of float32's:
 *       states change by 0.3% (rms 0.0026, where a dimension's deviation over captions is 0.29 to 2.2).
 *   <li>64 prompts of 231 tokens in all take 0.4 s on 2 cores, once for each caption: training looks them up.
 *   <li>Published encoders, T5Gemma and Qwen3-VL, run without padding: positions are relative, so real tokens' states agree with
 *       upstream's padded ones to 3e-7, and two prompts of 20 tokens in all take 7 s of a core on Qwen3-VL-2B's shape, padded
 *       to 256 each 56 s (random weights, bfloat16, a busy machine).
 *   <li>Their queries' and keys' rows are reordered once so that rotated pairs are neighbours, as in our kernels.
 *   <li>States kept on disk belong to the SHA-256 of all weights: a sample of them would not tell a fine-tuned encoder.
 *   <li>Ids of the real tokenizers of Qwen3 and Gemma 2 agree with tokenizers 0.23.2 on 555 texts each.
 * </ul>
 */
package mezzotint.text;
