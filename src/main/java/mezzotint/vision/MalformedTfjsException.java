package mezzotint.vision;

/** Thrown when a TensorFlow.js model does not hold what it should. */
public final class MalformedTfjsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedTfjsException(String source, String expected, String got) {
        super("%s: expected %s, got %s; fetch it again".formatted(source, expected, got));
    }
}
