package mezzotint.ptx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The table behind {@code .loc}: files, and the names of inlined functions. */
final class LineTable {
    private record Place(int file, int line, int column) {}

    private final Map<Integer, String> files = new HashMap<>();
    private final Set<String> strings = new HashSet<>();
    private final Map<Integer, Integer> namedFiles = new HashMap<>();
    private final Map<String, Integer> namedStrings = new HashMap<>();
    private final Map<Place, SourceLine> latest = new HashMap<>();

    void file(int number, String path) {
        files.put(number, path.substring(path.lastIndexOf('/') + 1));
    }

    void string(String label) {
        strings.add(label);
    }

    /** Reads the rest of a {@code .loc} directive. */
    SourceLine locate(TokenStream in) {
        int directive = in.peek().line();
        int file = (int) in.integer();
        int line = (int) in.integer();
        int column = (int) in.integer();
        namedFiles.putIfAbsent(file, directive);
        SourceLine inlinedAt = null;
        while (in.peek().line() == directive && in.take(",")) {
            String word = in.word();
            if (word.equals("function_name")) {
                namedStrings.putIfAbsent(in.word(), directive);
                while (in.take("+")) {
                    in.integer();
                }
            } else if (word.equals("inlined_at")) {
                int callerFile = (int) in.integer();
                var place = new Place(callerFile, (int) in.integer(), (int) in.integer());
                namedFiles.putIfAbsent(callerFile, directive);
                inlinedAt = latest.getOrDefault(place, new SourceLine(place.file, place.line, place.column, null));
            } else if (!word.equals("is_stmt") && !word.equals("prologue_end")) {
                throw in.error("unknown word %s in .loc".formatted(word));
            }
        }
        var source = new SourceLine(file, line, column, inlinedAt);
        latest.put(new Place(file, line, column), source);
        return source;
    }

    /** Checks that every file and function that a {@code .loc} names is in the table. */
    void check(String module) {
        namedFiles.forEach((file, line) -> {
            if (!files.containsKey(file)) {
                throw new PtxSyntaxException(
                        module,
                        line,
                        ".loc names file %d, which no .file declares: is the text cut short?".formatted(file));
            }
        });
        namedStrings.forEach((string, line) -> {
            if (!strings.contains(string)) {
                throw new PtxSyntaxException(
                        module,
                        line,
                        ".loc names %s, which no section holds: is the text cut short?".formatted(string));
            }
        });
    }

    /** {@code rms_norm.cu:30, inlined at rms_norm.cu:71}, or the empty word. */
    String text(SourceLine source) {
        if (source.file() == 0) {
            return "";
        }
        var text = new StringBuilder(files.get(source.file()) + ":" + source.line());
        for (SourceLine at = source.inlinedAt(); at != null; at = at.inlinedAt()) {
            text.append(", inlined at ")
                    .append(files.get(at.file()))
                    .append(':')
                    .append(at.line());
        }
        return text.toString();
    }

    /** The line of the source that the instruction belongs to, {@code rms_norm.cu:30}, or the empty word. */
    String line(SourceLine source) {
        return source.file() == 0 ? "" : files.get(source.file()) + ":" + source.line();
    }
}
