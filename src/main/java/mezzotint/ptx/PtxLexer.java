package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;

/** Cuts a PTX text into tokens; comments are dropped. */
final class PtxLexer {
    private static final String SIGNS = "{}()[],;:|@!+-<>=";

    private final String module;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;

    PtxLexer(String module, String text) {
        this.module = module;
        this.text = text;
    }

    /** All tokens; the last one is the end. */
    List<Token> tokens() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                line++;
                at++;
            } else if (Character.isWhitespace(c)) {
                at++;
            } else if (text.startsWith("//", at)) {
                skipTo("\n");
            } else if (text.startsWith("/*", at)) {
                skipComment();
            } else if (c == '"') {
                string();
            } else if (isDigit(c)) {
                word(Token.NUMBER);
            } else if (isWordPart(c)) {
                word(Token.WORD);
            } else if (SIGNS.indexOf(c) >= 0) {
                tokens.add(new Token(c, String.valueOf(c), line, at, at + 1));
                at++;
            } else {
                throw new PtxSyntaxException(module, line, "unexpected character '%c'".formatted(c));
            }
        }
        tokens.add(new Token(Token.END, "end of text", line, at, at));
        return tokens;
    }

    private void skipTo(String mark) {
        int end = text.indexOf(mark, at);
        at = end < 0 ? text.length() : end;
    }

    private void skipComment() {
        int end = text.indexOf("*/", at + 2);
        if (end < 0) {
            throw new PtxSyntaxException(module, line, "a comment that does not end");
        }
        line += (int) text.substring(at, end).chars().filter(c -> c == '\n').count();
        at = end + 2;
    }

    private void string() {
        int end = text.indexOf('"', at + 1);
        if (end < 0 || text.substring(at, end).contains("\n")) {
            throw new PtxSyntaxException(module, line, "a string that does not end");
        }
        tokens.add(new Token(Token.STRING, text.substring(at + 1, end), line, at, end + 1));
        at = end + 1;
    }

    private void word(char kind) {
        int start = at;
        while (at < text.length() && isWordPart(text.charAt(at))) {
            // The state spaces of mma's and shared::cta carry two colons.
            at += text.startsWith("::", at + 1) && at + 3 < text.length() && isWordPart(text.charAt(at + 3)) ? 4 : 1;
        }
        tokens.add(new Token(kind, text.substring(start, at), line, start, at));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWordPart(char c) {
        return isDigit(c)
                || c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c == '_'
                || c == '$'
                || c == '%'
                || c == '.';
    }
}
