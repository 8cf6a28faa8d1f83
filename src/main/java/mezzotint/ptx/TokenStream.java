package mezzotint.ptx;

import java.util.List;

/** Reads tokens one by one; says what was expected when another comes. */
final class TokenStream {
    private final String module;
    private final String text;
    private final List<Token> tokens;
    private int at;

    TokenStream(String module, String text) {
        this.module = module;
        this.text = text;
        this.tokens = new PtxLexer(module, text).tokens();
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekSecond() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        if (token.kind() == Token.END) {
            throw error("the text ends in the middle");
        }
        at++;
        return token;
    }

    /** Reads the sign or word {@code expected} if it comes next. */
    boolean take(String expected) {
        if (peek().kind() != Token.END && peek().is(expected)) {
            at++;
            return true;
        }
        return false;
    }

    void expect(String expected) {
        if (!take(expected)) {
            throw error("expected '%s', got '%s'".formatted(expected, peek().text()));
        }
    }

    String word() {
        Token token = next();
        if (token.kind() != Token.WORD) {
            throw new PtxSyntaxException(module, token.line(), "expected a name, got '%s'".formatted(token.text()));
        }
        return token.text();
    }

    String string() {
        Token token = next();
        if (token.kind() != Token.STRING) {
            throw new PtxSyntaxException(module, token.line(), "expected a string, got '%s'".formatted(token.text()));
        }
        return token.text();
    }

    /** A signed integer; a 64-bit unsigned one keeps its bits. */
    long integer() {
        boolean negative = take("-");
        Token token = next();
        long value = integer(token);
        return negative ? -value : value;
    }

    private long integer(Token token) {
        String word = token.text();
        if (word.endsWith("U")) {
            word = word.substring(0, word.length() - 1);
        }
        try {
            if (word.startsWith("0x") || word.startsWith("0X")) {
                return Long.parseUnsignedLong(word.substring(2), 16);
            }
            return Long.parseUnsignedLong(word);
        } catch (NumberFormatException e) {
            throw new PtxSyntaxException(module, token.line(), "expected an integer, got '%s'".formatted(word));
        }
    }

    /** An integer or a floating-point number, with its sign. */
    Operand number() {
        boolean negative = take("-");
        Token token = peek();
        String word = token.text();
        try {
            if (word.startsWith("0f") || word.startsWith("0F")) {
                next();
                float value = Float.intBitsToFloat(Integer.parseUnsignedInt(word.substring(2), 16));
                return new Operand.Real(negative ? -value : value, true);
            }
            if (word.startsWith("0d") || word.startsWith("0D")) {
                next();
                double value = Double.longBitsToDouble(Long.parseUnsignedLong(word.substring(2), 16));
                return new Operand.Real(negative ? -value : value, false);
            }
            if (!word.startsWith("0x") && word.contains(".")) {
                next();
                double value = Double.parseDouble(word);
                return new Operand.Real(negative ? -value : value, false);
            }
        } catch (NumberFormatException e) {
            throw new PtxSyntaxException(module, token.line(), "expected a number, got '%s'".formatted(word));
        }
        long value = integer();
        return new Operand.Int(negative ? -value : value);
    }

    /** The text from {@code first} up to the token before the next. */
    Excerpt since(Token first) {
        return new Excerpt(text, first.start(), tokens.get(at - 1).end());
    }

    PtxSyntaxException error(String problem) {
        return new PtxSyntaxException(module, peek().line(), problem);
    }

    PtxSyntaxException error(int line, String problem) {
        return new PtxSyntaxException(module, line, problem);
    }

    /** Skips to the brace that closes the one just read, and gives every name that a colon follows. */
    List<String> skipBraces() {
        var labels = new java.util.ArrayList<String>();
        for (int depth = 1; depth > 0; ) {
            Token token = next();
            if (token.kind() == Token.WORD && peek().is(":")) {
                labels.add(token.text());
            }
            depth += token.is("{") ? 1 : token.is("}") ? -1 : 0;
        }
        return labels;
    }
}
