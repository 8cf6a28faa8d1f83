package mezzotint.image;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Sizes of about the same area and different shapes, all made of whole patches: pictures are trained in batches of one size.
 *
 * <p>With n = base/patch, k runs over the whole numbers from √(n²/2) to √(2n²): k patches by ⌊n²/k⌋, and the same turned.
 *
 * @param sizes by width, then by height
 * @see <a href="https://github.com/Photoroom/PRX">Photoroom, PRX: the size lists of its data pipeline</a>
 */
public record AspectBuckets(List<ImageSize> sizes) {
    private static final double NARROWEST = 0.5; // width over height
    private static final double WIDEST = 2;
    private static final int DIVISOR = 16; // of both sides

    /** Copies the list. */
    public AspectBuckets {
        sizes = List.copyOf(sizes);
        if (sizes.isEmpty()) {
            throw new IllegalArgumentException("aspect buckets: expected at least one size");
        }
    }

    /**
     * The buckets around a square.
     *
     * @param base side of the square in pixels
     * @param patch side of a patch in pixels
     * @throws IllegalArgumentException when no size is a multiple of 16
     */
    public static AspectBuckets of(int base, int patch) {
        int patches = base / patch;
        int area = Math.multiplyExact(patches, patches);
        TreeSet<ImageSize> sizes =
                new TreeSet<>(Comparator.comparingInt(ImageSize::width).thenComparingInt(ImageSize::height));
        for (int k = (int) Math.ceil(Math.sqrt(area * NARROWEST)); k <= Math.sqrt(area * WIDEST); k++) {
            int one = k * patch;
            int other = area / k * patch;
            if (one % DIVISOR == 0 && other % DIVISOR == 0) {
                sizes.add(new ImageSize(one, other));
                sizes.add(new ImageSize(other, one));
            }
        }
        return new AspectBuckets(List.copyOf(sizes));
    }

    /** The bucket whose width over height is nearest to a picture's; of two as near, the narrower. */
    public ImageSize nearest(ImageSize picture) {
        return sizes.stream()
                .min(Comparator.comparingDouble(size -> Math.abs(size.aspect() - picture.aspect())))
                .orElseThrow();
    }

    /**
     * The part of a picture, at its own resolution, that has the shape of a bucket: of a wide or square picture the width is cut
     * to the widest bucket that fits, of a tall one the height to the tallest.
     *
     * @throws IllegalArgumentException when the picture is squarer than every bucket
     */
    public ImageSize centreCrop(ImageSize picture) {
        double aspect = picture.aspect();
        boolean wide = aspect >= 1;
        double fitting = sizes.stream()
                .mapToDouble(ImageSize::aspect)
                .filter(bucket -> wide ? bucket <= aspect : bucket >= aspect)
                .reduce(wide ? Math::max : Math::min)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no aspect bucket of %s fits into a picture of %s".formatted(sizes, picture)));
        return wide
                ? new ImageSize(picture.height(), (int) Math.rint(fitting * picture.height()))
                : new ImageSize((int) Math.rint(picture.width() / fitting), picture.width());
    }
}
