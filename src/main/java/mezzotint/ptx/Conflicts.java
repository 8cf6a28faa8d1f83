package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds global memory that blocks of different workers have touched in one launch, one of them writing: nothing orders them,
 * and each worker's own shadow cannot know.
 */
final class Conflicts {
    private final DeviceMemory memory;
    private final Launch launch;
    private final boolean collect;
    private final List<PtxFinding> found = new ArrayList<>();

    Conflicts(DeviceMemory memory, Launch launch, boolean collect) {
        this.memory = memory;
        this.launch = launch;
        this.collect = collect;
    }

    /** All conflicts, one for each writing instruction, the one at the lowest address first. */
    List<PtxFinding> find(List<Multiprocessor> workers) {
        for (int a = 0; a < workers.size(); a++) {
            for (int b = a + 1; b < workers.size(); b++) {
                GlobalMemory left = workers.get(a).global;
                GlobalMemory right = workers.get(b).global;
                left.touched().stream()
                        .sorted()
                        .filter(right::touches)
                        .forEach(key -> compare(key, left.shadow(key), right.shadow(key)));
            }
        }
        return found;
    }

    private void compare(long key, Shadow left, Shadow right) {
        if (left.written != left.touched && right.written != right.touched) {
            return;
        }
        int cell = Math.min(1 << left.shift, 1 << right.shift);
        refine(left, cell);
        refine(right, cell);
        long floor = launch.floor();
        for (int c = 0; c < left.writes.length; c++) {
            boolean leftWrote = left.writes[c] >= floor;
            boolean rightWrote = right.writes[c] >= floor;
            if (!leftWrote && !rightWrote) {
                continue;
            }
            long address = (key << DeviceMemory.PAGE_SHIFT) + c * (long) cell;
            if (leftWrote && (rightWrote || right.reads[c] >= floor)) {
                report(address, left, c, rightWrote ? right.writes[c] : right.reads[c], rightWrote);
            } else if (rightWrote && left.reads[c] >= floor) {
                report(address, right, c, left.reads[c], false);
            }
        }
    }

    private static void refine(Shadow shadow, int cell) {
        if (1 << shadow.shift > cell) {
            shadow.refine(cell);
        }
    }

    private void report(long address, Shadow writer, int c, long other, boolean otherWrote) {
        Instruction at = launch.kernel().code()[writer.writers[c]];
        if (found.stream().anyMatch(finding -> finding.line() == at.statement.line())) {
            return;
        }
        Span span = memory.find(address);
        boolean readOnly = !otherWrote && ((int) other & Stamp.ID) == Stamp.READ_ONLY;
        String detail = "0x%x (byte %d of a span of %d) is written, and %s by %s"
                .formatted(
                        address,
                        address - span.base,
                        span.bytes,
                        otherWrote ? "written" : readOnly ? "loaded through the read-only path" : "read",
                        block(other));
        long stamp = writer.writes[c];
        PtxFinding finding = Findings.finding(
                readOnly ? FindingKind.STALE_READ : FindingKind.RACE,
                launch,
                at,
                index(stamp),
                (int) stamp & Stamp.WARP - 1,
                detail);
        if (!collect) {
            throw new KernelFaultException(finding);
        }
        found.add(finding);
    }

    private long index(long stamp) {
        return (stamp >>> Stamp.SERIAL_SHIFT) - launch.firstSerial();
    }

    private String block(long stamp) {
        int id = (int) stamp & Stamp.ID;
        return id == Stamp.BLOCKS || id == Stamp.READ_ONLY ? "other blocks" : "block " + index(stamp);
    }
}
