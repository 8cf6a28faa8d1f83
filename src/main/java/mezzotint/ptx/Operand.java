package mezzotint.ptx;

import java.util.List;

/** What stands between the commas of an instruction. */
sealed interface Operand {

    /** A register, perhaps written {@code !%p}. */
    record Reg(Register register, boolean negated) implements Operand {}

    /** An integer. */
    record Int(long value) implements Operand {}

    /** A floating-point number; {@code single} when it was written as the bits of a float32. */
    record Real(double value, boolean single) implements Operand {}

    /** A variable, a label, a routine or a special register, plus a number of bytes. */
    record Name(String text, Scope scope, long offset) implements Operand {}

    /** {@code [base + offset]}. */
    record Address(Operand base, long offset) implements Operand {}

    /** {@code {a, b}}. */
    record Vector(List<Operand> elements) implements Operand {}

    /** {@code d|p}. */
    record Pair(Operand first, Operand second) implements Operand {}

    /** {@code _}: the result is not wanted. */
    record Sink() implements Operand {}
}
