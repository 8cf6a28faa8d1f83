package mezzotint.ptx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mezzotint.kernel.cuda.LaunchGrid;

/** Makes findings of what a worker sees: throws the first one, or gathers one of each kind and instruction. */
final class Findings {
    private record Place(FindingKind kind, int pc) {}

    private static final int MOST = 1000;

    private final boolean collect;
    private final List<PtxFinding> found = new ArrayList<>();
    private final Set<Place> places = new HashSet<>();

    Findings(boolean collect) {
        this.collect = collect;
    }

    void clear() {
        found.clear();
        places.clear();
    }

    List<PtxFinding> found() {
        return found;
    }

    void report(FindingKind kind, Warp w, int lane, String detail) {
        report(kind, w.block, w.current, w.index * 32 + lane, detail);
    }

    void report(FindingKind kind, Block block, Instruction at, int thread, String detail) {
        PtxFinding finding = finding(kind, block.launch(), at, block.linear(), thread, detail);
        if (!collect) {
            throw new KernelFaultException(finding);
        }
        if (found.size() < MOST && places.add(new Place(kind, at.pc))) {
            found.add(finding);
        }
    }

    static PtxFinding finding(FindingKind kind, Launch launch, Instruction at, long block, int thread, String detail) {
        Kernel kernel = launch.kernel();
        LaunchGrid grid = launch.grid();
        return new PtxFinding(
                kind,
                kernel.name(),
                at.statement.line(),
                at.statement.text(),
                kernel.program().lines.text(at.statement.source()),
                block,
                "(%d, %d, %d)".formatted(block % grid.x(), block / grid.x() % grid.y(), block / grid.x() / grid.y()),
                thread,
                detail);
    }

    /** Where an instruction stands, for the other side of a race. */
    String line(Warp w, int pc) {
        Kernel kernel = w.block.kernel();
        Statement statement = kernel.code()[pc].statement;
        String source = kernel.program().lines.line(statement.source());
        return "at PTX line " + statement.line() + (source.isEmpty() ? "" : " (" + source + ")");
    }
}
