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
 * </ul>
 */
package mezzotint.text;
