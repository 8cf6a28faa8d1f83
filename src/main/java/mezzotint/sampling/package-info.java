/**
 * From noise and a prompt to a picture: time grids, guidance, solvers, and models as users hold them, those of this library and
 * published ones.
 *
 * <p>Why: a path is followed by one loop, {@link mezzotint.sampling.FlowSampler}, whatever the model. What diffusers does
 * otherwise than PRX's own code is a value of the request (its grid, PyTorch's noise), never another loop, and every number on
 * the way agrees with both to 1e-5. The numbers of a request's memory are counted before it runs, to 5 %.
 */
package mezzotint.sampling;
