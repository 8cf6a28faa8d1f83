package mezzotint.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sizes at which diffusers draws with PRX, and the one it takes for a size that is asked for.
 *
 * <p>The shape is looked up by height over width, rounded to two digits in the table.
 *
 * @see <a href="https://github.com/huggingface/diffusers">diffusers: the size tables of PRXPipeline and PRXPixelPipeline</a>
 */
public final class AspectBins {
    private static final AspectBins BINS_256 = of("""
        0.46 160 352  0.6 192 320  0.78 224 288  1.0 256 256  1.29 288 224  1.67 320 192  2.2 352 160\
        """);
    private static final AspectBins BINS_512 = of("""
        0.5 352 704  0.57 384 672  0.6 384 640  0.68 416 608  0.78 448 576  0.88 480 544  1.0 512 512
        1.13 544 480  1.29 576 448  1.46 608 416  1.67 640 384  1.75 672 384  2.0 704 352\
        """);
    private static final AspectBins BINS_1024 = of("""
        0.49 704 1440  0.52 736 1408  0.53 736 1376  0.57 768 1344  0.59 768 1312  0.62 800 1280  0.67 832 1248
        0.68 832 1216  0.78 896 1152  0.83 928 1120  0.94 992 1056  1.0 1024 1024  1.06 1056 992  1.13 1088 960
        1.21 1120 928  1.29 1152 896  1.37 1184 864  1.46 1216 832  1.5 1248 832  1.71 1312 768  1.75 1344 768
        1.87 1376 736  1.91 1408 736  2.05 1440 704\
        """);

    private record Bin(double ratio, ImageSize size) {}

    private final List<Bin> bins;

    private AspectBins(List<Bin> bins) {
        this.bins = bins;
    }

    private static AspectBins of(String table) {
        String[] numbers = table.strip().split("\\s+");
        List<Bin> bins = new ArrayList<>();
        for (int i = 0; i < numbers.length; i += 3) {
            ImageSize size = new ImageSize(Integer.parseInt(numbers[i + 1]), Integer.parseInt(numbers[i + 2]));
            bins.add(new Bin(Double.parseDouble(numbers[i]), size));
        }
        return new AspectBins(bins);
    }

    /** The bins of a model whose pictures are {@code base} pixels square; empty for sides other than 256, 512 and 1024. */
    public static Optional<AspectBins> ofBase(int base) {
        return switch (base) {
            case 256 -> Optional.of(BINS_256);
            case 512 -> Optional.of(BINS_512);
            case 1024 -> Optional.of(BINS_1024);
            default -> Optional.empty();
        };
    }

    /** The bin nearest to a size in height over width; of two as near, the wider. */
    public ImageSize nearest(ImageSize wanted) {
        double ratio = (double) wanted.height() / wanted.width();
        Bin best = bins.getFirst();
        for (Bin bin : bins) {
            if (Math.abs(bin.ratio - ratio) < Math.abs(best.ratio - ratio)) {
                best = bin;
            }
        }
        return best.size;
    }
}
