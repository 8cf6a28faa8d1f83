/** Frozen networks that look at pictures: teachers, perceptual losses, and the eyes of the scoreboard. */
package mezzotint.vision;
