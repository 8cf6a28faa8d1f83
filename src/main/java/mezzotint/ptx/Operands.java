package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;

/**
 * Gives the operands of one instruction as indices into a warp's register arrays.
 *
 * <p>PTX lets an instruction take a register of another kind with the same bits, and some take a wider one; then the value
 * goes through a temporary register, moved before or after the instruction.
 */
final class Operands {
    private final KernelPlan plan;
    private final Opcode opcode;
    private final List<Operand> operands;
    private final List<Step> before = new ArrayList<>();
    private final List<Step> after = new ArrayList<>();

    Operands(KernelPlan plan, Opcode opcode) {
        this.plan = plan;
        this.opcode = opcode;
        this.operands = opcode.statement.operands();
    }

    private Operands(Operands outer, List<Operand> operands) {
        this.plan = outer.plan;
        this.opcode = outer.opcode;
        this.operands = operands;
    }

    KernelPlan plan() {
        return plan;
    }

    int size() {
        return operands.size();
    }

    void expect(int least, int most) {
        if (size() < least || size() > most) {
            throw opcode.unknown(
                    "expected %s operands, got %d".formatted(least == most ? least : least + " to " + most, size()));
        }
    }

    void expect(int count) {
        expect(count, count);
    }

    Operand at(int k) {
        if (k >= operands.size()) {
            throw opcode.unknown("operand %d is missing".formatted(k + 1));
        }
        return operands.get(k);
    }

    /** The elements of operand k: those of a vector, or the one operand. */
    List<Operand> elements(int k) {
        return at(k) instanceof Operand.Vector(List<Operand> elements) ? elements : List.of(at(k));
    }

    int intIn(int k, PtxType type) {
        return intIn(at(k), type);
    }

    int intIn(Operand operand, PtxType type) {
        return switch (operand) {
            case Operand.Reg(Register register, boolean negated) when !negated -> intIn(register);
            case Operand.Int(long value) -> plan.intConstant(narrow((int) value, type));
            case Operand.Real(double value, boolean _)
            when type.bytes == 4 -> plan.intConstant(Float.floatToRawIntBits((float) value));
            case Operand.Name name -> intName(name);
            default -> throw wrong("an integer");
        };
    }

    private int intIn(Register register) {
        int index = plan.index(register);
        switch (register.type.file()) {
            case INT -> {
                return index;
            }
            case FLOAT -> {
                int temporary = plan.newInt();
                before.add(Moves.floatBits(temporary, index));
                return temporary;
            }
            case LONG -> {
                int temporary = plan.newInt();
                before.add(Moves.narrow(temporary, index));
                return temporary;
            }
            default -> throw wrong("an integer");
        }
    }

    private int intName(Operand.Name name) {
        if (SpecialRegister.of(name.text()) != null) {
            return plan.special(SpecialRegister.of(name.text()));
        }
        return plan.intConstant((int) address(name));
    }

    private static int narrow(int value, PtxType type) {
        return type.bytes == 2 ? value & 0xffff : type.bytes == 1 ? value & 0xff : value;
    }

    int longIn(int k) {
        return longIn(at(k));
    }

    int longIn(Operand operand) {
        return switch (operand) {
            case Operand.Reg(Register register, boolean negated)
            when !negated && register.type.file() == RegisterFile.LONG -> plan.index(register);
            case Operand.Reg(Register register, boolean negated)
            when !negated && register.type.file() == RegisterFile.DOUBLE -> {
                int temporary = plan.newLong();
                before.add(Moves.doubleBits(temporary, plan.index(register)));
                yield temporary;
            }
            case Operand.Int(long value) -> plan.longConstant(value);
            case Operand.Real(double value, boolean _) -> plan.longConstant(Double.doubleToRawLongBits(value));
            case Operand.Name name when SpecialRegister.of(name.text()) == null -> plan.longConstant(address(name));
            default -> throw wrong("a 64-bit integer");
        };
    }

    int floatIn(int k) {
        return floatIn(at(k));
    }

    int floatIn(Operand operand) {
        return switch (operand) {
            case Operand.Reg(Register register, boolean negated)
            when !negated && register.type.file() == RegisterFile.FLOAT -> plan.index(register);
            case Operand.Reg(Register register, boolean negated)
            when !negated && register.type.bytes == 4 -> {
                int temporary = plan.newFloat();
                before.add(Moves.bitsFloat(temporary, plan.index(register)));
                yield temporary;
            }
            case Operand.Real(double value, boolean _) -> plan.floatConstant((float) value);
            default -> throw wrong("a float32");
        };
    }

    int doubleIn(int k) {
        return doubleIn(at(k));
    }

    int doubleIn(Operand operand) {
        return switch (operand) {
            case Operand.Reg(Register register, boolean negated)
            when !negated && register.type.file() == RegisterFile.DOUBLE -> plan.index(register);
            case Operand.Reg(Register register, boolean negated)
            when !negated && register.type.file() == RegisterFile.LONG -> {
                int temporary = plan.newDouble();
                before.add(Moves.bitsDouble(temporary, plan.index(register)));
                yield temporary;
            }
            case Operand.Real(double value, boolean _) -> plan.doubleConstant(value);
            default -> throw wrong("a float64");
        };
    }

    int predicateIn(int k) {
        switch (at(k)) {
            case Operand.Reg(Register register, boolean negated)
            when register.type == PtxType.PRED -> {
                int index = plan.index(register);
                if (!negated) {
                    return index;
                }
                int temporary = plan.newPredicate();
                before.add((w, m) -> w.predicates[temporary] = ~w.predicates[index]);
                return temporary;
            }
            case Operand.Int(long value) -> {
                int temporary = plan.newPredicate();
                before.add((w, m) -> w.predicates[temporary] = value != 0 ? -1 : 0);
                return temporary;
            }
            default -> throw wrong("a predicate");
        }
    }

    int intOut(int k, PtxType type) {
        return intOut(at(k), type);
    }

    /** @param type of the value: it decides how a wider register is filled */
    int intOut(Operand operand, PtxType type) {
        Register register = target(operand);
        if (register == null) {
            return plan.newInt();
        }
        int index = plan.index(register);
        if (register.type.file() == RegisterFile.INT) {
            return index;
        }
        int temporary = plan.newInt();
        after.add(
                switch (register.type.file()) {
                    case FLOAT -> Moves.bitsFloat(index, temporary);
                    case LONG -> type.signed() ? Moves.widenSigned(index, temporary) : Moves.widen(index, temporary);
                    default -> throw wrong("a register for an integer");
                });
        return temporary;
    }

    int longOut(int k) {
        return longOut(at(k));
    }

    int longOut(Operand operand) {
        Register register = target(operand);
        if (register == null) {
            return plan.newLong();
        }
        int index = plan.index(register);
        if (register.type.file() == RegisterFile.LONG) {
            return index;
        }
        if (register.type.file() != RegisterFile.DOUBLE) {
            throw wrong("a 64-bit register");
        }
        int temporary = plan.newLong();
        after.add(Moves.bitsDouble(index, temporary));
        return temporary;
    }

    int floatOut(int k) {
        return floatOut(at(k));
    }

    int floatOut(Operand operand) {
        Register register = target(operand);
        if (register == null) {
            return plan.newFloat();
        }
        int index = plan.index(register);
        if (register.type.file() == RegisterFile.FLOAT) {
            return index;
        }
        if (register.type.file() != RegisterFile.INT || register.type.bytes != 4) {
            throw wrong("a 32-bit register");
        }
        int temporary = plan.newFloat();
        after.add(Moves.floatBits(index, temporary));
        return temporary;
    }

    int doubleOut(int k) {
        return doubleOut(at(k));
    }

    int doubleOut(Operand operand) {
        Register register = target(operand);
        if (register == null) {
            return plan.newDouble();
        }
        int index = plan.index(register);
        if (register.type.file() == RegisterFile.DOUBLE) {
            return index;
        }
        if (register.type.file() != RegisterFile.LONG) {
            throw wrong("a 64-bit register");
        }
        int temporary = plan.newDouble();
        after.add(Moves.doubleBits(index, temporary));
        return temporary;
    }

    int predicateOut(int k) {
        return predicateOut(at(k));
    }

    int predicateOut(Operand operand) {
        Register register = target(operand);
        if (register == null) {
            return plan.newPredicate();
        }
        if (register.type != PtxType.PRED) {
            throw wrong("a predicate");
        }
        return plan.index(register);
    }

    /** The register that is written, or null when the result is not wanted. */
    private Register target(Operand operand) {
        return switch (operand) {
            case Operand.Reg(Register register, boolean negated) when !negated -> register;
            case Operand.Sink() -> null;
            default -> throw wrong("a register");
        };
    }

    /** The width in bytes of the register that operand k is; 4 when it is none. */
    int registerBytes(Operand operand) {
        return operand instanceof Operand.Reg(Register register, boolean _) ? register.type.bytes : 4;
    }

    boolean isFile(Operand operand, RegisterFile file) {
        return operand instanceof Operand.Reg(Register register, boolean _) && register.type.file() == file;
    }

    /** The address or offset that a variable's name stands for. */
    long address(Operand.Name name) {
        return plan.address(name, opcode);
    }

    /** An integer that must be written as a number. */
    int literal(int k) {
        if (at(k) instanceof Operand.Int(long value)) {
            return (int) value;
        }
        throw wrong("a number");
    }

    /** The same instruction's operands in another grouping, with moves of their own. */
    Operands of(List<Operand> others) {
        return new Operands(this, others);
    }

    UnknownInstructionException wrong(String expected) {
        return opcode.unknown("expected %s among the operands".formatted(expected));
    }

    /** {@code step} with the moves before and after it. */
    Step around(Step step) {
        if (before.isEmpty() && after.isEmpty()) {
            return step;
        }
        var all = new ArrayList<>(before);
        all.add(step);
        all.addAll(after);
        Step[] steps = all.toArray(Step[]::new);
        return (w, m) -> {
            for (Step each : steps) {
                each.run(w, m);
            }
        };
    }
}
