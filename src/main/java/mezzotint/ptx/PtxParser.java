package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads what stands at the top level of a PTX text: directives, variables, entries and functions. */
final class PtxParser {
    private static final Set<String> LINKAGE = Set.of(".extern", ".visible", ".weak", ".common");
    private static final Set<String> SPACES = Set.of(".global", ".const", ".shared", ".local", ".param");

    /** More than any GPU has for a block or a thread. */
    private static final long MOST_BYTES = 1 << 24;

    private static final long MOST_COUNT = 1L << 36;

    private final String module;
    private final TokenStream in;
    private final PtxProgram program;

    PtxParser(String module, String text) {
        this.module = module;
        this.in = new TokenStream(module, text);
        this.program = new PtxProgram(module);
    }

    PtxProgram parse() {
        boolean versioned = false;
        while (in.peek().kind() != Token.END) {
            versioned |= in.peek().is(".version");
            topLevel();
        }
        if (!versioned) {
            throw in.error("no .version: this is no PTX");
        }
        program.lines.check(module);
        for (Routine routine : program.routines.values()) {
            if (!routine.defined) {
                throw in.error(routine.line, "%s has no body: is the text cut short?".formatted(routine.name));
            }
        }
        if (program.entries().isEmpty()) {
            throw in.error("no entry: is the text cut short?");
        }
        return program;
    }

    private void topLevel() {
        while (LINKAGE.contains(in.peek().text())) {
            in.next();
        }
        Token directive = in.next();
        switch (directive.text()) {
            case ".version" -> in.next();
            case ".target" -> list();
            case ".address_size" -> addressSize();
            case ".file" -> file(directive.line());
            case ".section" -> section();
            case ".pragma" -> {
                in.string();
                in.expect(";");
            }
            case ".loc" -> program.lines.locate(in);
            case ".entry" -> entry(directive.line());
            case ".func" -> function(directive.line());
            default -> {
                if (!SPACES.contains(directive.text())) {
                    throw in.error(directive.line(), "unknown directive '%s'".formatted(directive.text()));
                }
                for (Variable variable : variables(in, directive.text().substring(1))) {
                    program.scope.declare(variable);
                    program.variables.add(variable);
                }
            }
        }
    }

    private void list() {
        do {
            in.word();
        } while (in.take(","));
    }

    private void addressSize() {
        long bits = in.integer();
        if (bits != 64) {
            throw in.error("addresses of %d bits; the machine runs 64-bit code".formatted(bits));
        }
    }

    private void file(int line) {
        int number = (int) in.integer();
        program.lines.file(number, in.string());
        while (in.peek().line() == line && in.take(",")) {
            in.integer();
        }
    }

    private void section() {
        in.word();
        in.expect("{");
        in.skipBraces().forEach(program.lines::string);
    }

    private void entry(int line) {
        var routine = new Routine(in.word(), true, line);
        parameters(routine.parameters);
        body(routine);
    }

    private void function(int line) {
        var results = new ArrayList<Variable>();
        parameters(results);
        var routine = new Routine(in.word(), false, line);
        routine.results.addAll(results);
        parameters(routine.parameters);
        body(routine);
    }

    private void parameters(List<Variable> into) {
        if (!in.take("(")) {
            return;
        }
        while (!in.take(")")) {
            in.expect(".param");
            into.addAll(variables(in, "param", false));
            if (!in.take(",") && !in.peek().is(")")) {
                throw in.error(
                        "expected ',' or ')', got '%s'".formatted(in.peek().text()));
            }
        }
    }

    private void body(Routine routine) {
        while (in.peek().kind() == Token.WORD) {
            limit(routine, in.next());
        }
        if (in.take(";")) {
            program.routines.putIfAbsent(routine.name, routine);
            return;
        }
        in.expect("{");
        Routine known = program.routines.put(routine.name, routine);
        if (known != null && known.defined) {
            throw in.error(routine.line, "%s is defined twice".formatted(routine.name));
        }
        new RoutineParser(in, program, routine).parse();
        routine.defined = true;
    }

    private void limit(Routine routine, Token directive) {
        switch (directive.text()) {
            case ".maxntid" -> routine.maxThreads = product();
            case ".reqntid" -> routine.requiredThreads = product();
            case ".minnctapersm", ".maxnreg", ".maxnctapersm" -> in.integer();
            case ".noreturn" -> {}
            case ".pragma" -> {
                in.string();
                in.expect(";");
            }
            default -> throw in.error(directive.line(), "unknown directive '%s'".formatted(directive.text()));
        }
    }

    private int product() {
        long product = 1;
        do {
            product *= in.integer();
        } while (in.take(","));
        return (int) product;
    }

    /** The variables of a declaration whose space has been read, up to and with its semicolon. */
    static List<Variable> variables(TokenStream in, String space) {
        return variables(in, space, true);
    }

    private static List<Variable> variables(TokenStream in, String space, boolean list) {
        var found = new ArrayList<Variable>();
        int align = 0;
        PtxType type = null;
        int vector = 1;
        while (in.peek().text().startsWith(".")) {
            String word = in.word();
            switch (word) {
                case ".align" -> align = (int) in.integer();
                case ".ptr", ".global", ".const", ".shared", ".local" -> {}
                case ".v2" -> vector = 2;
                case ".v4" -> vector = 4;
                default ->
                    type = PtxType.of(word.substring(1))
                            .orElseThrow(() -> in.error("unknown type '%s'".formatted(word)));
            }
        }
        if (type == null) {
            throw in.error("expected a type, got '%s'".formatted(in.peek().text()));
        }
        int element = type.bytes * vector;
        do {
            found.add(variable(in, space, Math.max(align, element), type, element));
        } while (list && in.take(","));
        if (list) {
            in.expect(";");
        }
        return found;
    }

    private static Variable variable(TokenStream in, String space, int align, PtxType type, int element) {
        String name = in.word();
        long count = 1;
        while (in.take("[")) {
            count *= in.peek().is("]") ? 0 : in.integer();
            in.expect("]");
        }
        byte[] values = new byte[0];
        if (in.take("=")) {
            values = Initializer.read(in, type);
            if (count == 0) {
                count = values.length / element;
            }
        }
        boolean huge = !space.equals("global") && !space.equals("const") && count * element > MOST_BYTES;
        if (count < 0 || count > MOST_COUNT || huge) {
            throw in.error("%s has %d elements of %d bytes in .%s".formatted(name, count, element, space));
        }
        if (values.length > count * element) {
            throw in.error("%s has %d bytes of values for %d bytes".formatted(name, values.length, count * element));
        }
        return new Variable(name, space, align, count * element, values);
    }
}
