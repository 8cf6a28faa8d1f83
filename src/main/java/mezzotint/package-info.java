/** Pixel-space diffusion in Java. */
package mezzotint;
