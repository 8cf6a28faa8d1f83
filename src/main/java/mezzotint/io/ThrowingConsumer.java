package mezzotint.io;

import java.io.IOException;

/**
 * Takes one value and may fail with an {@link IOException}.
 *
 * @param <T> what it takes
 */
@FunctionalInterface
public interface ThrowingConsumer<T> {
    /**
     * Takes the value.
     *
     * @param value what to take
     * @throws IOException where reading or writing fails
     */
    void accept(T value) throws IOException;
}
