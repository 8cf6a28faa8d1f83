package mezzotint.ptx;

import java.util.List;

/**
 * One instruction as written.
 *
 * @param line in the PTX text, from 1
 * @param source where it comes from
 * @param guard the predicate it is under, or null
 * @param opcode {@code ld.global.f32}
 * @param excerpt the whole of it
 */
record Statement(
        int line,
        SourceLine source,
        Operand.Reg guard,
        String opcode,
        List<Operand> operands,
        Scope scope,
        Excerpt excerpt) {

    /** The whole of it, in one line. */
    String text() {
        return excerpt.toString();
    }
}
