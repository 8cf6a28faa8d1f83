package mezzotint.kernel.cuda;

import static jcuda.driver.CUevent_flags.CU_EVENT_DEFAULT;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import jcuda.driver.CUevent;

/** An event of a GPU. */
final class JCudaEvent extends CUevent implements CudaEvent {
    private final JCudaDriver driver;

    JCudaEvent(JCudaDriver driver) {
        this.driver = driver;
        driver.faults().check(cuEventCreate(this, CU_EVENT_DEFAULT), "new event");
    }

    @Override
    public void synchronize() {
        driver.refuseInCapture("waiting for an event");
        driver.bind();
        driver.faults().check(cuEventSynchronize(this), "waiting for an event");
    }

    @Override
    public double millisecondsSince(CudaEvent earlier) {
        driver.bind();
        float[] milliseconds = {0};
        driver.faults().check(cuEventElapsedTime(milliseconds, (JCudaEvent) earlier, this), "time between two events");
        return milliseconds[0];
    }

    @Override
    public void close() {
        if (driver.bindToRelease()) {
            driver.faults().check(cuEventDestroy(this), "closing an event");
        }
    }
}
