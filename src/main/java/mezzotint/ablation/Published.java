package mezzotint.ablation;

/**
 * What others found.
 *
 * @param direction of the effect, in their setting
 * @param figures such as {@code FID 18.20 → 16.80}
 * @param source title of the page or paper
 */
public record Published(Direction direction, String figures, String source) {}
