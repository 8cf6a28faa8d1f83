package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes a {@link Kernel} of an entry: functions are put in where they are called, then each instruction is decoded. */
final class Decoder {
    private static final int DEEPEST = 16;

    /** A routine put in once: where each of its statements begins, and where it ends. */
    private static final class Frame {
        final Routine routine;
        final int depth;
        final int[] start;
        int end;

        Frame(Routine routine, int depth) {
            this.routine = routine;
            this.depth = depth;
            this.start = new int[routine.statements.size() + 1];
        }
    }

    /** A statement of a frame; {@code copy} when it is a copy of parameters and not an instruction of its own. */
    private record Item(Statement statement, Frame frame, List<Operand> copy) {}

    private final PtxProgram program;
    private final Routine entry;
    private final KernelPlan plan;
    private final Perturbation perturbation;
    private final List<Item> items = new ArrayList<>();

    private Decoder(PtxProgram program, Routine entry, KernelPlan plan, Perturbation perturbation) {
        this.program = program;
        this.entry = entry;
        this.plan = plan;
        this.perturbation = perturbation;
    }

    static Kernel decode(PtxProgram program, Routine entry, Map<Variable, Long> addresses, Perturbation perturbation) {
        return new Decoder(program, entry, new KernelPlan(entry.name, addresses), perturbation).decode();
    }

    private Kernel decode() {
        int[] parameters = plan.placeParameters(entry);
        flatten(new Frame(entry, 0));
        var code = new ArrayList<Instruction>();
        for (int pc = 0; pc < items.size(); pc++) {
            Item item = items.get(pc);
            Opcode op = new Opcode(entry.name, item.statement);
            try {
                code.add(item.copy == null ? instruction(pc, item, op) : copy(pc, item, op));
            } catch (ArithmeticException | IndexOutOfBoundsException e) {
                throw op.unknown("malformed operands");
            }
        }
        return new Kernel(
                program,
                entry,
                code.toArray(Instruction[]::new),
                parameters,
                plan.parameterBytes(),
                plan.registers(),
                plan.sharedBytes(),
                plan.dynamicOffset(),
                plan.localBytes(),
                code.stream().anyMatch(each -> each.group == InstructionClass.ATOMIC));
    }

    private void flatten(Frame frame) {
        Routine routine = frame.routine;
        routine.variables.forEach(plan::place);
        KernelPlan.named(routine.statements).forEach(plan::place);
        if (frame.depth > 0) {
            routine.parameters.forEach(plan::place);
            routine.results.forEach(plan::place);
        }
        for (int s = 0; s < routine.statements.size(); s++) {
            Statement statement = routine.statements.get(s);
            frame.start[s] = items.size();
            if (statement.opcode().startsWith("call")) {
                call(statement, frame);
            } else {
                items.add(new Item(statement, frame, null));
            }
        }
        frame.end = items.size();
        frame.start[routine.statements.size()] = frame.end;
        if (frame.depth == 0) {
            // A last instruction to exit with, for code that ends in a label.
            Statement end = new Statement(
                    routine.line, SourceLine.NONE, null, "ret", List.of(), program.scope, Excerpt.of("ret"));
            items.add(new Item(end, frame, null));
        }
    }

    private void call(Statement statement, Frame frame) {
        var op = new Opcode(entry.name, statement);
        List<Operand> operands = new ArrayList<>(statement.operands());
        List<Operand> results = List.of();
        if (operands.getFirst() instanceof Operand.Vector(List<Operand> elements)) {
            results = elements;
            operands.removeFirst();
        }
        if (operands.isEmpty() || !(operands.getFirst() instanceof Operand.Name(String name, Scope _, long _))) {
            throw op.unknown("calls through a pointer");
        }
        Routine callee = program.routines.get(name);
        if (callee == null || !callee.defined || statement.guard() != null) {
            throw op.unknown(callee == null || !callee.defined ? "no function " + name : "a call under a predicate");
        }
        if (frame.depth == DEEPEST) {
            throw op.unknown("recursion");
        }
        List<Operand> given = operands.size() > 1 && operands.get(1) instanceof Operand.Vector(List<Operand> elements)
                ? elements
                : List.of();
        if (given.size() != callee.parameters.size() || results.size() != callee.results.size()) {
            throw op.unknown(
                    "%s takes %d and gives %d".formatted(name, callee.parameters.size(), callee.results.size()));
        }
        Scope inner = new Scope(null);
        callee.parameters.forEach(inner::declare);
        callee.results.forEach(inner::declare);
        for (int i = 0; i < given.size(); i++) {
            Operand formal = new Operand.Name(callee.parameters.get(i).name(), inner, 0);
            items.add(new Item(statement, frame, List.of(formal, given.get(i))));
        }
        flatten(new Frame(callee, frame.depth + 1));
        for (int i = 0; i < results.size(); i++) {
            Operand formal = new Operand.Name(callee.results.get(i).name(), inner, 0);
            items.add(new Item(statement, frame, List.of(results.get(i), formal)));
        }
    }

    /** Copies a parameter within the thread's own memory. */
    private Instruction copy(int pc, Item item, Opcode op) {
        if (!(item.copy.get(0) instanceof Operand.Name to) || !(item.copy.get(1) instanceof Operand.Name from)) {
            throw op.unknown("only variables are passed");
        }
        Variable variable = to.scope().variable(to.text());
        if (variable == null) {
            throw op.unknown("no variable " + to.text());
        }
        int target = (int) plan.address(to, op);
        int source = (int) plan.address(from, op);
        int bytes = (int) variable.bytes();
        return new Instruction(pc, Instruction.Kind.PLAIN, item.statement, (w, m) -> {
            int size = w.local.length / 32;
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int base = Lanes.next(rest) * size;
                System.arraycopy(w.local, base + source, w.local, base + target, bytes);
            }
        });
    }

    private Instruction instruction(int pc, Item item, Opcode op) {
        Statement statement = item.statement;
        var args = new Operands(plan, op);
        Instruction instruction = switch (op.name) {
            case "bra" -> branch(pc, item, op, args);
            case "brx" -> table(pc, item, op, args);
            case "ret", "exit" -> exit(pc, item, op, args);
            case "bar", "barrier" -> BarrierDecoder.decode(pc, op, args);
            default -> {
                Step step = OpcodeTable.decode(op, args, perturbation);
                op.done();
                boolean converges = OpcodeTable.converges(op.name);
                var decoded = new Instruction(
                        pc,
                        converges ? Instruction.Kind.CONVERGE : Instruction.Kind.PLAIN,
                        statement,
                        args.around(step));
                if (converges && !op.name.equals("mma") && !op.name.equals("ldmatrix")) {
                    decoded.register = args.intIn(args.size() - 1, PtxType.U32);
                }
                yield decoded;
            }
        };
        if (statement.guard() != null) {
            if (statement.guard().register().type != PtxType.PRED) {
                throw op.unknown("its guard is no predicate");
            }
            instruction.guard = plan.index(statement.guard().register());
            instruction.guardNegated = statement.guard().negated();
        }
        return instruction;
    }

    private static final Step NOTHING = (w, m) -> {};

    private Instruction branch(int pc, Item item, Opcode op, Operands args) {
        op.take("uni");
        op.done();
        args.expect(1);
        var instruction = new Instruction(pc, Instruction.Kind.BRANCH, item.statement, NOTHING);
        if (!(args.at(0) instanceof Operand.Name(String label, Scope _, long _))) {
            throw args.wrong("a label");
        }
        instruction.target = place(label, item, op);
        return instruction;
    }

    private int place(String name, Item item, Opcode op) {
        Label label = item.statement.scope().placedLabel(name);
        if (label == null) {
            throw op.unknown("no label " + name);
        }
        return item.frame.start[label.statement];
    }

    private Instruction table(int pc, Item item, Opcode op, Operands args) {
        op.takeOne("idx");
        op.take("uni");
        op.done();
        args.expect(2);
        if (!(args.at(1) instanceof Operand.Name(String list, Scope scope, long _))) {
            throw args.wrong("a list of labels");
        }
        List<String> targets = scope.targets(list);
        if (targets == null) {
            throw op.unknown("no list " + list);
        }
        var instruction = new Instruction(pc, Instruction.Kind.TABLE, item.statement, NOTHING);
        instruction.register = args.intIn(0, PtxType.U32);
        instruction.targets =
                targets.stream().mapToInt(name -> place(name, item, op)).toArray();
        return instruction;
    }

    private Instruction exit(int pc, Item item, Opcode op, Operands args) {
        op.take("uni");
        op.done();
        args.expect(0);
        if (item.frame.depth > 0 && op.name.equals("ret")) {
            var instruction = new Instruction(pc, Instruction.Kind.BRANCH, item.statement, NOTHING);
            instruction.target = item.frame.end;
            return instruction;
        }
        return new Instruction(pc, Instruction.Kind.EXIT, item.statement, NOTHING);
    }
}
