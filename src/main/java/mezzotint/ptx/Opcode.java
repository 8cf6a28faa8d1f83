package mezzotint.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The parts of {@code fma.rn.ftz.f32}; what a decoder has not taken by the end is not known. */
final class Opcode {
    final String name;
    final Statement statement;
    private final String kernel;
    private final List<String> parts;

    Opcode(String kernel, Statement statement) {
        this.kernel = kernel;
        this.statement = statement;
        this.parts = new ArrayList<>(Arrays.asList(statement.opcode().split("\\.")));
        this.name = parts.removeFirst();
    }

    /** Takes the part {@code part} if it is there. */
    boolean take(String part) {
        return parts.remove(part);
    }

    /** Takes whichever of the parts is there; the empty word if none is. */
    String takeAny(String... choices) {
        for (String choice : choices) {
            if (parts.remove(choice)) {
                return choice;
            }
        }
        return "";
    }

    /** Takes one of the parts. */
    String takeOne(String... choices) {
        String taken = takeAny(choices);
        if (taken.isEmpty()) {
            throw unknown("expected one of " + String.join(", ", choices));
        }
        return taken;
    }

    /** Takes the last part, a type. */
    PtxType takeType() {
        if (parts.isEmpty()) {
            throw unknown("no type");
        }
        return PtxType.of(parts.removeLast()).orElseThrow(() -> unknown("no such type"));
    }

    /** Takes the first part, whatever it is. */
    String takeFirst() {
        if (parts.isEmpty()) {
            throw unknown("too short");
        }
        return parts.removeFirst();
    }

    /** Takes whatever has one of these beginnings: cache hints, which say nothing about results. */
    void dropHints(String... beginnings) {
        parts.removeIf(part -> Arrays.stream(beginnings).anyMatch(part::startsWith));
    }

    /** Checks that every part has been taken. */
    void done() {
        if (!parts.isEmpty()) {
            throw unknown("." + String.join(".", parts));
        }
    }

    UnknownInstructionException unknown(String why) {
        return new UnknownInstructionException(kernel, statement.line(), statement.text(), why);
    }
}
