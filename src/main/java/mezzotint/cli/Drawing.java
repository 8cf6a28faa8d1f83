package mezzotint.cli;

/** How pictures are drawn unless the user says otherwise. */
final class Drawing {
    /** Euler steps of a picture asked for. */
    static final int STEPS = 20;
    /** Euler steps where many pictures are wanted fast. */
    static final int FAST_STEPS = 10;
    /** Scale of classifier-free guidance. */
    static final float GUIDANCE = 3f;

    private Drawing() {}
}
