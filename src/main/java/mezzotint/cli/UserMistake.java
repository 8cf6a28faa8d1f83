package mezzotint.cli;

/** Something that the user can put right; the message is one sentence that says what and how. */
final class UserMistake extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UserMistake(String format, Object... arguments) {
        super(format.formatted(arguments));
    }
}
