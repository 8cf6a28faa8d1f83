package mezzotint.benchmarks;

/** What a step does. */
public enum Work {
    /** x_t and v from pictures and noise, forward, mean squared error against v, backward, AdamW. */
    TRAIN("train step"),
    /** Forward without gradients and x ← x − dt · v on the whole batch; text keys and values made once a picture. */
    SAMPLE("sample step"),
    /** One picture with guidance 5: prompt and empty prompt as a batch of two; text keys and values made once. */
    SAMPLE_PAIR("sample step of a guided pair");

    /** Steps from noise to picture; then sampling starts again from the same noise. */
    public static final int GRID = 28;

    /** Guidance of the pair. */
    public static final float GUIDANCE = 5;

    private final String label;

    Work(String label) {
        this.label = label;
    }

    /** As {@code results.csv} writes it. */
    public String label() {
        return label;
    }

    /** The shape of this work. */
    public PrxShape shape() {
        return this == SAMPLE_PAIR ? PrxShape.PIXEL_64.withBatch(2) : PrxShape.PIXEL_64;
    }
}
