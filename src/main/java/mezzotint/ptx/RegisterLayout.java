package mezzotint.ptx;

import java.util.Map;

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
        Map<SpecialRegister, Integer> specials) {}
