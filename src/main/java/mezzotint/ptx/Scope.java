package mezzotint.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names declared between two braces, and those of the scopes around. */
final class Scope {
    /** Registers {@code prefix0} to {@code prefix(count-1)}, made when first named. */
    private record Range(String prefix, int count, PtxType type) {}

    private final Scope outer;
    private final Map<String, Register> registers = new HashMap<>();
    private final List<Range> ranges = new ArrayList<>();
    private final Map<String, Variable> variables = new HashMap<>();
    private final Map<String, Label> labels = new HashMap<>();
    private final Map<String, List<String>> branchTargets = new HashMap<>();

    Scope(Scope outer) {
        this.outer = outer;
    }

    Scope outer() {
        return outer;
    }

    void declareRange(String prefix, int count, PtxType type) {
        ranges.add(new Range(prefix, count, type));
    }

    void declare(Register register) {
        registers.put(register.name, register);
    }

    void declare(Variable variable) {
        variables.put(variable.name(), variable);
    }

    void declareTargets(String name, List<String> targets) {
        branchTargets.put(name, targets);
    }

    /** The label of this name in this very scope, made on first mention. */
    Label label(String name) {
        return labels.computeIfAbsent(name, Label::new);
    }

    /** The register of this name, or null. */
    Register register(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Register found = scope.registers.get(name);
            if (found == null) {
                found = scope.inRange(name);
            }
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private Register inRange(String name) {
        for (Range range : ranges) {
            if (name.length() > range.prefix.length() && name.startsWith(range.prefix)) {
                String digits = name.substring(range.prefix.length());
                if (digits.length() < 9
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                        && Integer.parseInt(digits) < range.count) {
                    var register = new Register(name, range.type);
                    registers.put(name, register);
                    return register;
                }
            }
        }
        return null;
    }

    /** The variable of this name, or null. */
    Variable variable(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Variable found = scope.variables.get(name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** The label of this name here or further out that stands before an instruction, or null. */
    Label placedLabel(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Label found = scope.labels.get(name);
            if (found != null && found.placed) {
                return found;
            }
        }
        return null;
    }

    /** The labels of a {@code .branchtargets} list, or null. */
    List<String> targets(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            List<String> found = scope.branchTargets.get(name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
