package mezzotint.data;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * An endless stream of batches, made ahead on a thread of its own.
 *
 * <p>Each epoch visits every picture once in a new order; a batch may span two epochs. Order and captions are a pure
 * function of (seed, epoch, position), so the batches are the same whatever the timing, and a loader resumed from
 * {@link #state} goes on as if it had never stopped. One thread at a time may call {@link #next}.
 */
public final class BatchLoader implements Iterable<Batch>, AutoCloseable {
    /**
     * Where a loader stands: enough to go on bit for bit, given the same pictures and options.
     *
     * @param seed of the options
     * @param images how many pictures there are
     * @param epoch ≥ 0
     * @param position of the next picture in its epoch, 0 … images − 1
     * @param batches handed out so far
     */
    public record State(long seed, int images, long epoch, int position, long batches) {
        /** Checks the ranges. */
        public State {
            if (images < 1 || epoch < 0 || position < 0 || position >= images || batches < 0) {
                throw new IllegalArgumentException("no loader stands at epoch %d, position %d of %d, batch %d"
                        .formatted(epoch, position, images, batches));
            }
        }

        State onward() {
            boolean last = position + 1 == images;
            return new State(seed, images, last ? epoch + 1 : epoch, last ? 0 : position + 1, batches);
        }

        State afterBatch() {
            return new State(seed, images, epoch, position, batches + 1);
        }
    }

    /** What the thread hands over. */
    private sealed interface Parcel {}

    private record Ready(BatchAssembly.Assembled batch) implements Parcel {}

    private record Failed(Throwable cause) implements Parcel {}

    private record Closed() implements Parcel {}

    private final BlockingQueue<Parcel> queue;
    private final Consumer<BadPicture> report;
    private final Thread thread;
    private volatile boolean closed;
    private State state;
    private long skipped;

    private BatchLoader(
            List<CaptionedImage> images, BatchOptions options, State start, Consumer<BadPicture> report) {
        BatchAssembly assembly = new BatchAssembly(images, options);
        this.report = report;
        state = start;
        queue = new ArrayBlockingQueue<>(options.prefetch());
        thread = Thread.ofPlatform().daemon().name("mezzotint-batches").unstarted(() -> prefetch(assembly, start));
        thread.start();
    }

    /**
     * Starts at the first epoch.
     *
     * @param report told once of each picture left out, on the thread that calls {@link #next}
     * @throws IllegalArgumentException if there are no pictures, or one has no caption in a wanted language
     */
    public static BatchLoader open(
            List<CaptionedImage> images, BatchOptions options, Consumer<BadPicture> report) {
        if (images.isEmpty()) {
            throw new IllegalArgumentException("a loader wants at least one picture");
        }
        return new BatchLoader(images, options, new State(options.seed(), images.size(), 0, 0, 0), report);
    }

    /**
     * Goes on where another loader stood.
     *
     * @param report as in {@link #open}
     * @throws IllegalArgumentException if seed or number of pictures differ from the other loader's
     */
    public static BatchLoader resume(
            List<CaptionedImage> images, BatchOptions options, State state, Consumer<BadPicture> report) {
        if (state.seed() != options.seed() || state.images() != images.size()) {
            throw new IllegalArgumentException(
                    "cannot resume: the loader had seed %d and %d pictures, these have seed %d and %d; use the same data"
                            .formatted(state.seed(), state.images(), options.seed(), images.size()));
        }
        return new BatchLoader(images, options, state, report);
    }

    /**
     * The next batch, waiting for it if need be.
     *
     * @throws mezzotint.image.UnreadableImageException if a picture is bad and may not be skipped, or all are
     * @throws IllegalStateException if the loader is closed
     */
    public Batch next() {
        if (closed) {
            throw new IllegalStateException("the loader is closed");
        }
        Parcel parcel;
        try {
            parcel = queue.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        }
        return switch (parcel) {
            case Ready ready -> {
                ready.batch.bad().forEach(report);
                skipped += ready.batch.bad().size();
                state = ready.batch.after();
                yield ready.batch.batch();
            }
            case Failed failed -> {
                queue.add(failed); // the thread has ended, so there is room, and the next call fails alike
                throw rethrown(failed.cause);
            }
            case Closed gone -> throw new IllegalStateException("the loader was closed while waiting for a batch");
        };
    }

    /** Where the loader stands after the batches handed out so far, whatever was made ahead. */
    public State state() {
        return state;
    }

    /** How many pictures have been left out as bad so far. */
    public long skipped() {
        return skipped;
    }

    /** An endless view of {@link #next}. */
    @Override
    public Iterator<Batch> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Batch next() {
                return BatchLoader.this.next();
            }
        };
    }

    /** Ends the thread and waits for it. */
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            queue.clear(); // makes room, so a put that waits goes through and the thread sees the flag
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        queue.clear();
        queue.add(new Closed());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void prefetch(BatchAssembly assembly, State start) {
        State at = start;
        try {
            while (!closed) {
                var batch = assembly.after(at);
                at = batch.after();
                queue.put(new Ready(batch));
            }
        } catch (InterruptedException e) {
            fail(e);
        } catch (Throwable e) { // carried to next(), errors as well
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        try {
            queue.put(new Failed(cause));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // only this class knows the thread, and it never interrupts
        }
    }

    private static RuntimeException rethrown(Throwable cause) {
        return switch (cause) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException("making a batch failed", cause);
        };
    }
}
