package mezzotint.kernel.cuda;

/**
 * A step that launches the same kernels each time, run as one CUDA graph from its second run on.
 *
 * <p>A training step's forward and backward pass is one: its arenas give the same addresses for the same shapes. The Java code
 * of the step runs each time, since its constants may change: what it writes to the device is sent, and every launch is compared
 * with the recorded one instead of being made. A step must not read to the host, and scalars that change with the step (AdamW's
 * count, the index of a noise) belong outside.
 *
 * <pre>{@code
 * try (CudaReplay replay = device.replay()) {
 *     for (Batch batch : loader) {
 *         replay.run(() -> forwardAndBackward(batch));    // into a loss tensor that outlives the tape
 *         optimizer.update(learningRate, 1);
 *     }
 * }
 * }</pre>
 */
public final class CudaReplay implements AutoCloseable {
    private final ReplayDriver driver;
    private final CudaStream stream;
    private CudaGraph graph;
    private long staging;
    private long stagingBytes = -1;

    CudaReplay(ReplayDriver driver, CudaStream stream) {
        this.driver = driver;
        this.stream = stream;
    }

    /**
     * Runs the step: as it is the first time, so that modules are loaded and scratch memory has grown, then as a graph.
     *
     * @param work the same step at every call
     * @throws CudaException when it does something else than the run that was recorded
     */
    public void run(Runnable work) {
        if (stagingBytes < 0) {
            stagingBytes = driver.note(work);
            return;
        }
        if (graph == null) {
            if (staging == 0 && stagingBytes > 0) { // it stays where a capture fails and is tried again
                staging = driver.allocate(stagingBytes);
            }
            graph = driver.capture(stream, work, staging, stagingBytes);
        } else {
            driver.compare(work);
        }
        driver.sendWritten(stream);
        graph.launch(stream);
    }

    /** How many kernels, fills and copies the graph holds; 0 until it is recorded. */
    public int size() {
        return graph == null ? 0 : graph.size();
    }

    @Override
    public void close() {
        if (graph != null) {
            graph.close();
        }
        if (staging != 0) {
            driver.free(staging);
            staging = 0;
        }
    }
}
