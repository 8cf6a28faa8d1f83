/**
 * From prompts to the token states that condition the denoiser.
 *
 * <h2>Why</h2>
 *
 * <ul>
 *   <li>Bytes with hashed n-grams are the default: any language, nothing to download, trained with the denoiser.
 *   <li>States of multilingual BERT are standardised per dimension: raw ones failed in training (5% of prompts gave the
 *       prompted picture, 98 to 100% when standardised; 64 concepts, 13 languages, 10 minutes).
 *   <li>BERT is converted straight from the jar, its zip never unpacked: 19 s, 284 MB in bfloat16 (568 MB in float32).
 * </ul>
 */
package mezzotint.text;
