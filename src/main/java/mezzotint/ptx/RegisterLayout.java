package mezzotint.ptx;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The registers of a warp.
 *
 * @param specials index among the ints of each special register in use
 */
record RegisterLayout(
        int ints,
        int longs,
        int floats,
        int doubles,
        int predicates,
        Map<Integer, Integer> intConstants,
        Map<Long, Integer> longConstants,
        Map<Integer, Integer> floatConstants,
        Map<Long, Integer> doubleConstants,
        Map<SpecialRegister, Integer> specials) {

    /** The ints, longs, floats and doubles that hold neither a constant nor a special register. */
    int[][] variables() {
        var fixed = new HashSet<>(intConstants.values());
        fixed.addAll(specials.values());
        return new int[][] {
            others(ints, fixed),
            others(longs, longConstants.values()),
            others(floats, floatConstants.values()),
            others(doubles, doubleConstants.values())
        };
    }

    private static int[] others(int count, Collection<Integer> fixed) {
        var set = new HashSet<>(fixed);
        return IntStream.range(0, count).filter(i -> !set.contains(i)).toArray();
    }
}
