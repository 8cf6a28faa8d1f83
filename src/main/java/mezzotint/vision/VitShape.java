package mezzotint.vision;

/**
 * Sizes of a vision transformer.
 *
 * @param width D
 * @param heads H, a divisor of D
 * @param hidden M, width of the MLP
 * @param layers blocks
 * @param patch P, pixels of a patch's side
 * @param side pixels of the square pictures it was trained on
 * @param eps added to variances
 * @param activation of the MLP
 */
record VitShape(
        int width, int heads, int hidden, int layers, int patch, int side, float eps, VitActivation activation) {

    /** Reads the keys that all families share; the MLP's width is the family's. */
    static VitShape read(VisionConfig config, int hidden, double eps, String activation) {
        int width = config.positive("hidden_size", 768);
        int heads = config.positive("num_attention_heads", 12);
        if (width % heads != 0) {
            throw config.wrong("num_attention_heads", "a divisor of hidden_size " + width);
        }
        return new VitShape(
                width,
                heads,
                hidden,
                config.positive("num_hidden_layers", 12),
                config.positive("patch_size", 14),
                config.positive("image_size", 224),
                config.number("layer_norm_eps", eps),
                config.activation(activation));
    }

    /** Columns of a head. */
    int headWidth() {
        return width / heads;
    }

    /** Patches along a side of the pictures it was trained on. */
    int grid() {
        return side / patch;
    }
}
