package mezzotint.kernel.cuda;

import static jcuda.driver.CUstream_flags.CU_STREAM_NON_BLOCKING;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import jcuda.driver.CUstream;

/** A stream of a GPU. */
final class JCudaStream extends CUstream implements CudaStream {
    private final JCudaDriver driver;

    JCudaStream(JCudaDriver driver) {
        this.driver = driver;
        driver.faults().check(cuStreamCreate(this, CU_STREAM_NON_BLOCKING), "new stream");
    }

    /** CUDA's own handle. */
    long handle() {
        return getNativePointer();
    }

    @Override
    public void record(CudaEvent event) {
        driver.bind();
        driver.faults().check(cuEventRecord((JCudaEvent) event, this), "recording an event");
    }

    @Override
    public void await(CudaEvent event) {
        driver.bind();
        driver.faults().check(cuStreamWaitEvent(this, (JCudaEvent) event, 0), "having a stream wait for an event");
    }

    @Override
    public void synchronize() {
        driver.refuseInCapture("waiting for a stream");
        driver.bind();
        driver.faults().check(cuStreamSynchronize(this), "waiting for a stream");
    }

    @Override
    public void close() {
        if (driver.bindToRelease()) {
            driver.faults().check(cuStreamDestroy(this), "closing a stream");
        }
    }
}
