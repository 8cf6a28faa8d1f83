package mezzotint.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import mezzotint.kernel.evidence.KernelVerification.Row;
import mezzotint.ptx.LaunchReport;

/** Rows of a verification as lines of text. */
final class VerificationTable {
    private static final int MOST_FINDINGS = 3;
    private static final String FORMAT = "%-31s %-4s %-5s %8s of %-7s %5s %12s %8s %8s %7s";

    private final List<Row> rows;
    private final boolean verbose;

    /**
     * @param verbose a line for each row; otherwise one for each operation and type
     */
    VerificationTable(List<Row> rows, boolean verbose) {
        this.rows = rows;
        this.verbose = verbose;
    }

    /** The table, its heading first. */
    List<String> lines() {
        Map<String, List<Row>> groups = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            String key = verbose ? "" + i : row.operation() + " " + row.type();
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(row);
        }
        List<String> lines = new ArrayList<>();
        lines.add(FORMAT.formatted(
                        "operation",
                        "type",
                        "",
                        "rel. L2",
                        "allowed",
                        "found",
                        "instructions",
                        "sectors",
                        "wavefr.",
                        "time")
                + "  shape");
        groups.values().forEach(group -> lines.add(line(group)));
        return lines;
    }

    private String line(List<Row> group) {
        Row worst = group.stream()
                .max(Comparator.comparingDouble(VerificationTable::share))
                .orElseThrow();
        Row last = group.getLast();
        Optional<LaunchReport> cost = last.cost();
        String line = FORMAT.formatted(
                last.operation(),
                last.type().toString().toLowerCase(Locale.ROOT),
                group.stream().allMatch(Row::passes) ? "ok" : "FAIL",
                small(worst.error()),
                small(worst.tolerance()),
                group.stream().mapToInt(row -> row.findings().size()).sum(),
                cost.map(report -> String.format(Locale.ROOT, "%,d", report.threadInstructionCount()))
                        .orElse("-"),
                cost.map(report -> ratio(
                                report.globalLoad().plus(report.globalStore()).excess()))
                        .orElse("-"),
                cost.map(report -> ratio(report.shared().excess())).orElse("-"),
                String.format(
                        Locale.ROOT,
                        "%.2f s",
                        group.stream().mapToDouble(Row::seconds).sum()));
        String shapes = group.size() > 1 ? " and %d more".formatted(group.size() - 1) : "";
        return line + "  " + last.check().shape() + shapes + (verbose ? "; " + worst.what() : "");
    }

    private static double share(Row row) {
        return Double.isNaN(row.error())
                ? Double.MAX_VALUE
                : row.error() / Math.max(row.tolerance(), Double.MIN_NORMAL);
    }

    /** A line for each failure, with the first findings behind it. */
    List<String> failures() {
        List<String> lines = new ArrayList<>();
        for (Row row : rows) {
            if (!row.passes()) {
                lines.add("FAIL  %s in %s at %s: %s is off by %s, %s allowed; %d found"
                        .formatted(
                                row.operation(),
                                row.type(),
                                row.check().shape(),
                                row.what(),
                                small(row.error()),
                                small(row.tolerance()),
                                row.findings().size()));
                row.findings().stream().limit(MOST_FINDINGS).forEach(finding -> lines.add("      " + finding));
            }
        }
        return lines;
    }

    private static String small(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
