package mezzotint.cli;

/** How pictures are drawn unless the user says otherwise. */
final class Drawing {
    /** Euler steps. */
    static final int STEPS = 10;

    /**
     * Most steps, over all pictures, of the small built-in model that plain loops draw sooner than vector kernels, which the
     * JVM has to compile first: one picture of 10 steps took 1.5 s from a cold start instead of 3.0 s.
     */
    static final int STEPS_BEFORE_VECTORS_PAY = 40;
    /** Scale of classifier-free guidance. */
    static final float GUIDANCE = 3f;

    private Drawing() {}
}
