/** The objective, optimizers, schedules, checkpoints and the loop that joins them. */
package mezzotint.training;
