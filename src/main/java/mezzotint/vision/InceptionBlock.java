package mezzotint.vision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The blocks of Inception-v3, in order: which units, in which branches. {@code name*} stands for two units side by side,
 * {@code namea} and {@code nameb}.
 */
enum InceptionBlock {
    POOL1("pool1", Kind.STEM, "Conv2d_1a_3x3 Conv2d_2a_3x3 Conv2d_2b_3x3"),
    POOL2("pool2", Kind.STEM, "Conv2d_3b_1x1 Conv2d_4a_3x3"),
    MIXED_5B("Mixed_5b", Kind.MEAN, Branches.FINE),
    MIXED_5C("Mixed_5c", Kind.MEAN, Branches.FINE),
    MIXED_5D("Mixed_5d", Kind.MEAN, Branches.FINE),
    MIXED_6A("Mixed_6a", Kind.HALVED, "branch3x3", "branch3x3dbl_1 branch3x3dbl_2 branch3x3dbl_3", ""),
    MIXED_6B("Mixed_6b", Kind.MEAN, Branches.MIDDLE),
    MIXED_6C("Mixed_6c", Kind.MEAN, Branches.MIDDLE),
    MIXED_6D("Mixed_6d", Kind.MEAN, Branches.MIDDLE),
    MIXED_6E("Mixed_6e", Kind.MEAN, Branches.MIDDLE),
    MIXED_7A(
            "Mixed_7a",
            Kind.HALVED,
            "branch3x3_1 branch3x3_2",
            "branch7x7x3_1 branch7x7x3_2 branch7x7x3_3 branch7x7x3_4",
            ""),
    MIXED_7B("Mixed_7b", Kind.MEAN, Branches.COARSE),
    MIXED_7C("Mixed_7c", Kind.LARGEST, Branches.COARSE);

    /** What stands beside the convolutions. */
    enum Kind {
        /** Convolutions one after the other, then the largest of each 3×3, every second one. */
        STEM,
        /** The last branch starts from the mean of each 3×3. */
        MEAN,
        /** The last branch starts from the largest of each 3×3. */
        LARGEST,
        /** Rows and columns are halved; the last branch is the largest of each 3×3. */
        HALVED
    }

    private static final class Branches {
        static final String[] FINE = {
            "branch1x1", "branch5x5_1 branch5x5_2", "branch3x3dbl_1 branch3x3dbl_2 branch3x3dbl_3", "branch_pool"
        };
        static final String[] MIDDLE = {
            "branch1x1",
            "branch7x7_1 branch7x7_2 branch7x7_3",
            "branch7x7dbl_1 branch7x7dbl_2 branch7x7dbl_3 branch7x7dbl_4 branch7x7dbl_5",
            "branch_pool"
        };
        static final String[] COARSE = {
            "branch1x1", "branch3x3_1 branch3x3_2*", "branch3x3dbl_1 branch3x3dbl_2 branch3x3dbl_3*", "branch_pool"
        };
    }

    private final String published;
    private final Kind kind;
    private final List<List<String>> branches;

    InceptionBlock(String published, Kind kind, String... branches) {
        this.published = published;
        this.kind = kind;
        this.branches = Arrays.stream(branches)
                .map(branch -> branch.isEmpty() ? List.<String>of() : List.of(branch.split(" ", -1)))
                .toList();
    }

    static List<InceptionBlock> upTo(InceptionCut cut) {
        List<InceptionBlock> blocks = new ArrayList<>();
        for (InceptionBlock block : values()) {
            blocks.add(block);
            if (block.published.equals(cut.last())) {
                break;
            }
        }
        return blocks;
    }

    String published() {
        return published;
    }

    Kind kind() {
        return kind;
    }

    List<List<String>> branches() {
        return branches;
    }

    /** A unit's name in checkpoints. */
    String full(String unit) {
        return kind == Kind.STEM ? unit : published + "." + unit;
    }

    /** All units' names in checkpoints. */
    List<String> unitNames() {
        List<String> names = new ArrayList<>();
        for (List<String> branch : branches) {
            for (String unit : branch) {
                String full = full(unit);
                if (full.endsWith("*")) {
                    names.add(first(full));
                    names.add(second(full));
                } else {
                    names.add(full);
                }
            }
        }
        return names;
    }

    static String first(String pair) {
        return pair.substring(0, pair.length() - 1) + "a";
    }

    static String second(String pair) {
        return pair.substring(0, pair.length() - 1) + "b";
    }

    /** Step of a unit: 2 for the first of all, and for the last of a branch that halves. */
    int stride(String full) {
        boolean halves = kind == Kind.HALVED
                && branches.stream()
                        .anyMatch(b -> !b.isEmpty() && full(b.getLast()).equals(full));
        return halves || full.equals("Conv2d_1a_3x3") ? 2 : 1;
    }

    /** Whether a unit looks at whole windows only, so that the picture shrinks. */
    boolean isValid(String full) {
        return stride(full) == 2 || kind == Kind.STEM && !full.equals("Conv2d_2b_3x3");
    }

    /** Channels after the last block, given those of each unit. */
    static int widthAfter(InceptionCut cut, ToIntFunction<String> channels) {
        InceptionBlock last = upTo(cut).getLast();
        int width = 0;
        for (List<String> branch : last.branches) {
            String full = last.full(branch.getLast());
            width += full.endsWith("*")
                    ? channels.applyAsInt(first(full)) + channels.applyAsInt(second(full))
                    : channels.applyAsInt(full);
        }
        return width;
    }
}
