package mezzotint.vision;

/** After which block Inception is cut, and so what its tokens are. */
public enum InceptionCut {
    /**
     * After the ninth block, {@code mixed5} in Keras: the last of those with generic ImageNet weights in the encoder that a fresh
     * machine can fetch. Distances between its features are not comparable with published FID.
     */
    MIXED_6C("Mixed_6c", 16, 32),
    /** After the last block, {@code mixed10} in Keras: FID's features are the mean of its tokens. */
    MIXED_7C("Mixed_7c", 32, 43);

    private final String last;
    private final int patch;
    private final int margin;

    InceptionCut(String last, int patch, int margin) {
        this.last = last;
        this.patch = patch;
        this.margin = margin;
    }

    String last() {
        return last;
    }

    int patch() {
        return patch;
    }

    /** Pixels that give {@code tokens} along a side: 160 for 8 and 288 for 16 after {@code mixed5}, 299 for 8 at the end. */
    int sideFor(int tokens) {
        return tokens * patch + margin;
    }
}
