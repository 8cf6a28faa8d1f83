package mezzotint.kernel.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The pieces a product is cut into, which shall fit the caches of the machine. They decide speed, never bits: a depth cut into
 * pieces is the same chain of additions.
 *
 * <p>Caches of equal sizes want different pieces: with 48 KiB in the first level a Zen 5 is 4 % faster with rows 1344 deep than
 * with 672, an Intel Xeon 7 % slower. So it goes by the maker of the processor.
 *
 * @param rowDepth depth of strips of rows, at most {@link TileKernel#STRIP_ROW} − 16
 * @param rowsTogether strips of rows that a worker holds, at least 2: they shall leave room for panels in a second-level cache
 * @param packedDepth depth of strips packed depth-major and their panels
 * @param packedTogether packed strips that a worker holds, at least 2; a row of memory gives this many pieces of them in order
 * @param ownBytes panels, at most, that a worker which packs strips copies for itself
 * @param inPlaceBytes what a worker shall read of a block of two sides that stay where they lie, see {@link #inPlaceDepth}; 0
 *     where both are to be packed
 */
record Blocking(int rowDepth, int rowsTogether, int packedDepth, int packedTogether, long ownBytes, long inPlaceBytes) {
    private static final int LEAST_IN_PLACE = 320;
    private static final int MOST_IN_PLACE = 512;

    /** Measured on an Intel Xeon with two units for 512 bits; for all that nobody has measured too. */
    static final Blocking SHALLOW = new Blocking(704, 8, 384, 16, 1 << 20, 0);

    /** Measured on a Zen 5. */
    static final Blocking DEEP = new Blocking(TileKernel.STRIP_ROW - 16, 6, 352, 128, 4 << 20, 3 << 19);

    /** For this machine. */
    static final Blocking HERE = of(cpuInfo());

    /** Depth, at most, of a block in place of which a worker reads {@code bytes} for each k. */
    int inPlaceDepth(long bytes) {
        return (int) Math.clamp(inPlaceBytes / bytes, LEAST_IN_PLACE, MOST_IN_PLACE);
    }

    /** Whether such a block is as deep as it should be and still within {@link #inPlaceBytes}. */
    boolean fitsInPlace(long bytes) {
        return inPlaceBytes / bytes >= LEAST_IN_PLACE;
    }

    /** For a machine with these lines in {@code /proc/cpuinfo}, none where there is no such file. */
    static Blocking of(List<String> cpuInfo) {
        boolean amd = cpuInfo.stream()
                .filter(line -> line.startsWith("vendor_id")) // one a processor, all alike
                .findFirst()
                .filter(line -> line.substring(line.indexOf(':') + 1).strip().equals("AuthenticAMD"))
                .isPresent();
        return amd ? DEEP : SHALLOW;
    }

    private static List<String> cpuInfo() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo"));
        } catch (IOException _) { // another operating system
            return List.of();
        }
    }
}
