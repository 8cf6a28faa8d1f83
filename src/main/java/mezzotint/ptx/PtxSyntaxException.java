package mezzotint.ptx;

/** A PTX text is malformed or cut short. */
public final class PtxSyntaxException extends PtxException {
    private static final long serialVersionUID = 1L;

    PtxSyntaxException(String module, int line, String problem) {
        super("%s.ptx:%d: %s; compile the module again".formatted(module, line, problem), line);
    }
}
