package mezzotint.ptx;

/**
 * What a block-wide barrier does.
 *
 * @param barrier register with the barrier's number, 0 to 15
 * @param threads register with the number of threads it waits for, or -1 for all
 * @param arriveOnly whether the thread goes on without waiting
 * @param reduction {@code and}, {@code or}, {@code popc}, or the empty word
 * @param source predicate that is reduced
 * @param sourceNegated whether it is negated first
 * @param target register or predicate for the result
 */
record BarrierOperation(
        int barrier,
        int threads,
        boolean arriveOnly,
        String reduction,
        int source,
        boolean sourceNegated,
        int target) {}
