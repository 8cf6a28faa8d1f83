/**
 * How good drawn pictures are: whether a prompt gives the picture it names, and how far a set of drawn pictures is from a set of
 * real ones in the eyes of a frozen network.
 *
 * <h2>Why</h2>
 *
 * The Fréchet distance takes its eigenvalues from a symmetric matrix: on recorded features it agrees with torchmetrics' general
 * eigenvalues to 10⁻⁶, and where there are fewer pictures than features the rows' Gram matrix is both smaller and free of the
 * noise of eigenvalues that should be 0. Intervals are centred on the value: samples drawn with replacement have fewer distinct
 * pictures, so their own distances lie above it.
 */
package mezzotint.evaluation;
