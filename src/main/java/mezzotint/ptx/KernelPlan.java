package mezzotint.ptx;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;

/** Gives registers their indices and variables their places while a kernel is decoded. */
final class KernelPlan {
    /** Where the windows of shared and local memory lie among generic addresses. */
    static final long SHARED_WINDOW = 1L << DeviceMemory.SPAN_SHIFT;

    static final long LOCAL_WINDOW = 2L << DeviceMemory.SPAN_SHIFT;

    final String kernel;
    private final Map<Variable, Long> moduleAddresses;
    private final Map<Register, Integer> indices = new IdentityHashMap<>();
    private final Map<Integer, Integer> intConstants = new HashMap<>();
    private final Map<Long, Integer> longConstants = new HashMap<>();
    private final Map<Integer, Integer> floatConstants = new HashMap<>();
    private final Map<Long, Integer> doubleConstants = new HashMap<>();
    private final Map<SpecialRegister, Integer> specials = new EnumMap<>(SpecialRegister.class);
    private final Map<Variable, Integer> sharedOffsets = new IdentityHashMap<>();
    private final Map<Variable, Integer> localOffsets = new IdentityHashMap<>();
    private final Map<Variable, Integer> parameterOffsets = new IdentityHashMap<>();
    private int ints;
    private int longs;
    private int floats;
    private int doubles;
    private int predicates;
    private int sharedBytes;
    private int dynamicAlign = 16;
    private int localBytes;
    private int parameterBytes;

    KernelPlan(String kernel, Map<Variable, Long> moduleAddresses) {
        this.kernel = kernel;
        this.moduleAddresses = moduleAddresses;
    }

    int newInt() {
        return ints++;
    }

    int newLong() {
        return longs++;
    }

    int newFloat() {
        return floats++;
    }

    int newDouble() {
        return doubles++;
    }

    int newPredicate() {
        return predicates++;
    }

    int index(Register register) {
        return indices.computeIfAbsent(register, r -> switch (r.type.file()) {
            case INT -> newInt();
            case LONG -> newLong();
            case FLOAT -> newFloat();
            case DOUBLE -> newDouble();
            case PREDICATE -> newPredicate();
        });
    }

    int intConstant(int value) {
        return intConstants.computeIfAbsent(value, _ -> newInt());
    }

    int longConstant(long value) {
        return longConstants.computeIfAbsent(value, _ -> newLong());
    }

    int floatConstant(float value) {
        return floatConstants.computeIfAbsent(Float.floatToRawIntBits(value), _ -> newFloat());
    }

    int doubleConstant(double value) {
        return doubleConstants.computeIfAbsent(Double.doubleToRawLongBits(value), _ -> newDouble());
    }

    int special(SpecialRegister register) {
        return specials.computeIfAbsent(register, _ -> newInt());
    }

    /** Places the entry's parameters one after the other, each at its alignment. */
    int[] placeParameters(Routine entry) {
        int[] offsets = new int[entry.parameters.size()];
        for (int i = 0; i < offsets.length; i++) {
            Variable parameter = entry.parameters.get(i);
            parameterBytes = align(parameterBytes, parameter.align());
            offsets[i] = parameterBytes;
            parameterOffsets.put(parameter, parameterBytes);
            parameterBytes += (int) parameter.bytes();
        }
        return offsets;
    }

    /** Places a shared variable or one of a thread's own; dynamic shared memory comes last. */
    void place(Variable variable) {
        switch (variable.space()) {
            case "shared" -> {
                if (variable.dynamic()) {
                    dynamicAlign = Math.max(dynamicAlign, variable.align());
                } else if (!sharedOffsets.containsKey(variable)) {
                    sharedBytes = align(sharedBytes, variable.align());
                    sharedOffsets.put(variable, sharedBytes);
                    sharedBytes += (int) variable.bytes();
                }
            }
            case "local", "param" -> {
                if (!localOffsets.containsKey(variable) && !parameterOffsets.containsKey(variable)) {
                    localBytes = align(localBytes, Math.max(8, variable.align()));
                    localOffsets.put(variable, localBytes);
                    localBytes += (int) variable.bytes();
                }
            }
            default -> {}
        }
    }

    /** Whether the variable is one of the entry's parameters. */
    boolean isEntryParameter(Variable variable) {
        return parameterOffsets.containsKey(variable);
    }

    /** The address or the offset in its space that a name stands for. */
    long address(Operand.Name name, Opcode opcode) {
        Variable variable = name.scope().variable(name.text());
        if (variable == null) {
            throw opcode.unknown("no register or variable " + name.text());
        }
        return address(variable, opcode) + name.offset();
    }

    private long address(Variable variable, Opcode opcode) {
        Map<Variable, Integer> offsets = switch (variable.space()) {
            case "shared" -> sharedOffsets;
            case "local" -> localOffsets;
            case "param" -> parameterOffsets.containsKey(variable) ? parameterOffsets : localOffsets;
            default -> Map.of();
        };
        if (variable.dynamic()) {
            return dynamicOffset();
        }
        Long global = moduleAddresses.get(variable);
        Integer offset = global == null ? offsets.get(variable) : null;
        if (global == null && offset == null) {
            throw opcode.unknown("variable %s has no place".formatted(variable.name()));
        }
        return global != null ? global : offset;
    }

    int sharedBytes() {
        return sharedBytes;
    }

    int dynamicOffset() {
        return align(sharedBytes, dynamicAlign);
    }

    int localBytes() {
        return align(localBytes, 16);
    }

    int parameterBytes() {
        return parameterBytes;
    }

    RegisterLayout registers() {
        return new RegisterLayout(
                ints,
                longs,
                floats,
                doubles,
                predicates,
                intConstants,
                longConstants,
                floatConstants,
                doubleConstants,
                specials);
    }

    private static int align(int offset, int alignment) {
        return (offset + alignment - 1) / alignment * alignment;
    }

    /** The variables that the operands name, in the order met. */
    static SequencedSet<Variable> named(Iterable<Statement> statements) {
        var found = new LinkedHashSet<Variable>();
        for (Statement statement : statements) {
            statement.operands().forEach(operand -> collect(operand, found));
        }
        return found;
    }

    private static void collect(Operand operand, SequencedSet<Variable> found) {
        switch (operand) {
            case Operand.Name name -> {
                Variable variable = name.scope().variable(name.text());
                if (variable != null) {
                    found.add(variable);
                }
            }
            case Operand.Address(Operand base, long _) -> collect(base, found);
            case Operand.Vector(var elements) -> elements.forEach(element -> collect(element, found));
            default -> {}
        }
    }
}
