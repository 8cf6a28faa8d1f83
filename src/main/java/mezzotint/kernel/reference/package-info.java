/**
 * The definitions of {@link mezzotint.kernel.Kernels} in float64: plain loops, nothing fused, nothing clever.
 *
 * <h2>Why</h2>
 *
 * One definition for the tests and for {@code mezzotint kernels verify}: two would drift. Forwards only, since central
 * differences need no derivative, and a slope that is not derived by hand cannot share the kernel's mistake. In main and not
 * among the tests, so that whoever has only the jar can check the kernels on a machine of his own.
 */
package mezzotint.kernel.reference;
