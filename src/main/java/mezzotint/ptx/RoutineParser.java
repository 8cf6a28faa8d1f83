package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;

/** Reads the body of an entry or a function: scopes, declarations, labels and instructions. */
final class RoutineParser {
    private final TokenStream in;
    private final PtxProgram program;
    private final Routine routine;
    private Scope scope;
    private SourceLine source = SourceLine.NONE;

    RoutineParser(TokenStream in, PtxProgram program, Routine routine) {
        this.in = in;
        this.program = program;
        this.routine = routine;
        this.scope = new Scope(program.scope);
    }

    /** Reads up to and with the brace that closes the body. */
    void parse() {
        routine.parameters.forEach(scope::declare);
        routine.results.forEach(scope::declare);
        for (int depth = 1; depth > 0; ) {
            Token token = in.peek();
            if (in.take("{")) {
                depth++;
                scope = new Scope(scope);
            } else if (in.take("}")) {
                depth--;
                scope = scope.outer();
            } else if (token.text().startsWith(".")) {
                directive();
            } else if (token.kind() == Token.WORD && in.peekSecond().is(":")) {
                label();
            } else if (!in.take(";")) {
                instruction();
            }
        }
    }

    private void directive() {
        Token directive = in.next();
        switch (directive.text()) {
            case ".loc" -> source = program.lines.locate(in);
            case ".reg" -> registers();
            case ".pragma" -> {
                in.string();
                in.expect(";");
            }
            case ".shared", ".local", ".param", ".global", ".const" -> {
                for (Variable variable :
                        PtxParser.variables(in, directive.text().substring(1))) {
                    scope.declare(variable);
                    routine.variables.add(variable);
                }
            }
            case ".extern" -> {}
            default -> throw in.error(directive.line(), "unknown directive '%s'".formatted(directive.text()));
        }
    }

    private void registers() {
        String word = in.word();
        if (!word.startsWith(".")) {
            throw in.error("expected a type, got '%s'".formatted(word));
        }
        PtxType type = PtxType.of(word.substring(1))
                .orElseThrow(() -> in.error("unknown type '%s' of a register".formatted(word)));
        do {
            String name = in.word();
            if (in.take("<")) {
                scope.declareRange(name, (int) in.integer(), type);
                in.expect(">");
            } else {
                scope.declare(new Register(name, type));
            }
        } while (in.take(","));
        in.expect(";");
    }

    private void label() {
        String name = in.word();
        in.expect(":");
        if (in.take(".branchtargets")) {
            var targets = new ArrayList<String>();
            do {
                targets.add(in.word());
            } while (in.take(","));
            in.expect(";");
            scope.declareTargets(name, targets);
            return;
        }
        if (in.peek().is(".callprototype")) {
            throw in.error("calls through a pointer are not run by the machine");
        }
        Label label = scope.label(name);
        if (label.placed) {
            throw in.error("label %s stands twice".formatted(name));
        }
        label.placed = true;
        label.statement = routine.statements.size();
    }

    private void instruction() {
        Token first = in.peek();
        Operand.Reg guard = null;
        if (in.take("@")) {
            boolean negated = in.take("!");
            guard = new Operand.Reg(register(in.word()), negated);
        }
        String opcode = in.word();
        var operands = new ArrayList<Operand>();
        while (!in.take(";")) {
            operands.add(operand());
            if (!in.take(",") && !in.peek().is(";")) {
                throw in.error(
                        "expected ',' or ';', got '%s'".formatted(in.peek().text()));
            }
        }
        Excerpt excerpt = in.since(first);
        routine.statements.add(new Statement(first.line(), source, guard, opcode, operands, scope, excerpt));
    }

    private Operand operand() {
        if (in.take("{")) {
            return new Operand.Vector(elements("}"));
        }
        if (in.take("(")) {
            return new Operand.Vector(elements(")"));
        }
        if (in.take("[")) {
            Operand address = simple();
            long offset = offset();
            in.expect("]");
            return new Operand.Address(address, offset);
        }
        if (in.take("!")) {
            return new Operand.Reg(register(in.word()), true);
        }
        Operand first = simple();
        if (in.take("|")) {
            return new Operand.Pair(first, simple());
        }
        long offset = first instanceof Operand.Name ? offset() : 0;
        return offset != 0 && first instanceof Operand.Name(String text, Scope in, long _)
                ? new Operand.Name(text, in, offset)
                : first;
    }

    private long offset() {
        long offset = 0;
        while (in.peek().is("+") || in.peek().is("-")) {
            in.take("+");
            offset += in.integer();
        }
        return offset;
    }

    private List<Operand> elements(String close) {
        var elements = new ArrayList<Operand>();
        while (!in.take(close)) {
            elements.add(operand());
            if (!in.take(",") && !in.peek().is(close)) {
                throw in.error("expected ',' or '%s', got '%s'"
                        .formatted(close, in.peek().text()));
            }
        }
        return elements;
    }

    private Operand simple() {
        Token token = in.peek();
        if (token.kind() == Token.NUMBER || token.is("-")) {
            return in.number();
        }
        String name = in.word();
        if (name.equals("_")) {
            return new Operand.Sink();
        }
        Register register = scope.register(name);
        return register != null ? new Operand.Reg(register, false) : new Operand.Name(name, scope, 0);
    }

    private Register register(String name) {
        Register register = scope.register(name);
        if (register == null) {
            throw in.error("no register %s".formatted(name));
        }
        return register;
    }
}
