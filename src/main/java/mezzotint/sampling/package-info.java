/** From noise and a prompt to a picture: time grids, guidance, the Euler method, and the model as users hold it. */
package mezzotint.sampling;
