/** From prompts to the token states that condition the denoiser. */
package mezzotint.text;
