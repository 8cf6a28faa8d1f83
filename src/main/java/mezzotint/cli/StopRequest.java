package mezzotint.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;

/**
 * Lets a run end in good order on Ctrl-C: the first one asks, a second one ends the process at once.
 *
 * <p>The JVM answers SIGINT and SIGTERM with its shutdown hooks. Ours asks the run to stop and then holds the shutdown up until
 * the run has closed this object.
 */
final class StopRequest implements AutoCloseable {
    /** What to say when a run has been asked to stop. */
    static final String ENDING =
            "\nending after this step, with a checkpoint; press Ctrl-C again to end at once, without one";

    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean requested;

    private StopRequest(Runnable asked) {
        hook = new Thread(
                () -> {
                    requested = true;
                    letSignalsEndTheProcess();
                    asked.run();
                    awaitEnd();
                },
                "mezzotint-stop");
    }

    /**
     * Listens until it is closed.
     *
     * @param asked run once, on another thread, when Ctrl-C has been pressed
     */
    static StopRequest onInterrupt(Runnable asked) {
        StopRequest request = new StopRequest(asked);
        Runtime.getRuntime().addShutdownHook(request.hook);
        return request;
    }

    /** Whether the run should end after its present step. */
    boolean isRequested() {
        return requested;
    }

    /** While the JVM shuts down it ignores further signals; their default action does not. */
    private static void letSignalsEndTheProcess() {
        Linker linker = Linker.nativeLinker();
        var signal = linker.defaultLookup().find("signal");
        if (signal.isEmpty()) {
            return; // then a second Ctrl-C waits for the first, which is slower and no worse
        }
        var handle = linker.downcallHandle(
                signal.get(), FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        try {
            MemorySegment ignored = (MemorySegment) handle.invokeExact(SIGINT, MemorySegment.NULL);
            ignored = (MemorySegment) handle.invokeExact(SIGTERM, MemorySegment.NULL);
        } catch (Throwable e) {
            throw new IllegalStateException("signal() failed", e);
        }
    }

    private void awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the listening; a shutdown that waits goes on. */
    @Override
    public void close() {
        ended.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The shutdown began this instant: the hook finds the latch open.
            }
        }
    }
}
