package mezzotint.io;

import java.io.IOException;
import java.io.OutputStream;

/** Passes on exactly the bytes of one tensor. */
final class CountedOutputStream extends OutputStream {
    private final OutputStream out;
    private final String tensor;
    private final long expected;
    private long written;

    CountedOutputStream(OutputStream out, String tensor, long expected) {
        this.out = out;
        this.tensor = tensor;
        this.expected = expected;
    }

    @Override
    public void write(int b) throws IOException {
        count(1);
        out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        count(length);
        out.write(bytes, offset, length);
    }

    /** Checks that nothing is missing. */
    void requireFull() {
        if (written != expected) {
            throw wrongSize();
        }
    }

    private void count(int length) {
        written += length;
        if (written > expected) {
            throw wrongSize();
        }
    }

    private IllegalStateException wrongSize() {
        return new IllegalStateException(
                "tensor \"%s\": its source should write %d bytes and wrote %d".formatted(tensor, expected, written));
    }
}
