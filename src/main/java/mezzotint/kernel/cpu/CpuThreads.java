package mezzotint.kernel.cpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Persistent workers that share out the chunks of one loop at a time.
 *
 * <p>Workers spin briefly between loops and then park, so that two loops in a row cost well under a microsecond and an idle
 * device nothing.
 *
 * <p>Every worker begins with a share of its own, chunks side by side and the same ones in every loop of as many, because what it
 * wrote last time may be in its cache, and two workers need not share one. Who has finished takes from the others' shares. So
 * which worker runs a chunk is not fixed: a chunk's result must not depend on it.
 */
public final class CpuThreads implements AutoCloseable {
    /**
     * How long a worker spins: longer than the others take over their last chunks, because one that parks comes some 70 µs late to
     * the next loop, and then the others wait and park in turn. By the clock, for a spin takes four times as long on one processor
     * as on another.
     */
    private static final long SPIN_NANOS = 500_000;

    private static final int SPINS_PER_LOOK_AT_CLOCK = 64;
    private static final int SPINS_BEFORE_YIELD = 20_000;

    /** Integers between two counters, so that they share no line of memory, nor a pair of lines. */
    private static final int APART = 32;

    private static final VarHandle EPOCH;

    static {
        try {
            EPOCH = MethodHandles.lookup().findVarHandle(CpuThreads.class, "epoch", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** One piece of a loop. */
    @FunctionalInterface
    public interface Chunk {
        /**
         * @param worker which worker runs it, in [0, {@link CpuThreads#count}); picks scratch memory
         * @param chunk which chunk, in [0, chunks)
         */
        void run(int worker, int chunk);
    }

    private final Thread[] workers;
    private final AtomicIntegerArray parked;

    /** The next chunk of each worker's share, at {@link #share}. */
    private final AtomicIntegerArray next;

    private final AtomicInteger running = new AtomicInteger();
    private int epoch;
    private int chunks;
    private Chunk body;
    private volatile Throwable failure;
    private volatile boolean closed;

    /**
     * Starts {@code count − 1} daemon threads; the caller of {@link #forEach} is the last worker.
     *
     * @throws IllegalArgumentException when {@code count} is not positive
     */
    public CpuThreads(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("threads: expected at least 1, got " + count);
        }
        workers = new Thread[count];
        parked = new AtomicIntegerArray(count);
        next = new AtomicIntegerArray((count + 1) * APART);
        for (int i = 1; i < count; i++) {
            int worker = i;
            workers[i] = Thread.ofPlatform().name("mezzotint-" + i).daemon().start(() -> work(worker));
        }
    }

    /** Number of workers, the caller included. */
    public int count() {
        return workers.length;
    }

    /**
     * Runs {@code body} once for every chunk in [0, chunks) and returns when all have finished.
     *
     * <p>Not reentrant, and for one calling thread at a time. An exception of a chunk is thrown here after the others end.
     */
    public void forEach(int chunks, Chunk body) {
        if (chunks <= 0) {
            return;
        }
        if (workers.length == 1 || chunks == 1) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                body.run(0, chunk);
            }
            return;
        }
        this.body = body;
        this.chunks = chunks;
        for (int i = 0; i < workers.length; i++) {
            next.setPlain(share(i), first(i));
        }
        running.set(workers.length - 1);
        EPOCH.setVolatile(this, epoch + 1);
        for (int i = 1; i < workers.length; i++) {
            if (parked.get(i) == 1) {
                LockSupport.unpark(workers[i]);
            }
        }
        drain(0);
        int spins = 0;
        while (running.get() != 0) {
            if (++spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        this.body = null;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            if (thrown instanceof Error error) {
                throw new ChunkError(error);
            }
            throw new ChunkFailure((RuntimeException) thrown);
        }
    }

    /** Runs the chunks of the worker's own share, then what is left of the others'. */
    private void drain(int worker) {
        try {
            for (int i = 0; i < workers.length; i++) {
                int owner = (worker + i) % workers.length;
                int end = first(owner + 1);
                int chunk;
                while (next.get(share(owner)) < end && (chunk = next.getAndIncrement(share(owner))) < end) {
                    body.run(worker, chunk);
                }
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /** The first chunk of a worker's share. */
    private int first(int worker) {
        return (int) ((long) worker * chunks / workers.length);
    }

    private static int share(int worker) {
        return (worker + 1) * APART;
    }

    private void work(int worker) {
        int seen = 0;
        while (true) {
            int spins = 0;
            long began = System.nanoTime();
            while ((int) EPOCH.getVolatile(this) == seen) {
                if (closed) {
                    return;
                }
                if (++spins % SPINS_PER_LOOK_AT_CLOCK != 0 || System.nanoTime() - began < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else {
                    parked.set(worker, 1);
                    if ((int) EPOCH.getVolatile(this) == seen && !closed) {
                        LockSupport.park(this);
                    }
                    parked.set(worker, 0);
                }
            }
            seen = (int) EPOCH.getVolatile(this);
            drain(worker);
            running.decrementAndGet();
        }
    }

    /** Ends the workers; a loop in progress finishes first. */
    @Override
    public void close() {
        closed = true;
        for (int i = 1; i < workers.length; i++) {
            LockSupport.unpark(workers[i]);
        }
        for (int i = 1; i < workers.length; i++) {
            try {
                workers[i].join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** A chunk failed on some worker; the cause says how. */
    static final class ChunkFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ChunkFailure(RuntimeException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** A chunk ended in an error on some worker; the cause says which. */
    static final class ChunkError extends Error {
        private static final long serialVersionUID = 1L;

        ChunkError(Error cause) {
            super(cause.getMessage(), cause);
        }
    }
}
