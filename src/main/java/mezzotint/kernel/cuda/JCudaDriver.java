package mezzotint.kernel.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUgraph;
import jcuda.driver.CUresult;

/** CUDA's driver through JCuda, on the primary context of one GPU; {@link CudaDetection} must have found it usable. */
final class JCudaDriver implements CudaDriver {
    private final CudaDetection.Gpu gpu;
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final JCudaFaults faults;
    private final CudaLimits limits;
    private final List<JCudaModule> modules = new ArrayList<>();
    private JCudaStaging staging;
    private LaunchArguments lastArguments;
    private Pointer lastPointers;
    private boolean capturing;
    private boolean closed;

    /** @throws CudaException when the GPU's context cannot be had */
    JCudaDriver(CudaDetection.Gpu gpu) {
        this.gpu = gpu;
        this.faults = new JCudaFaults(gpu.name());
        faults.check(cuInit(0), "cuInit");
        faults.check(cuDeviceGet(device, gpu.index()), "GPU %d", gpu.index());
        faults.check(cuDevicePrimaryCtxRetain(context, device), "context of GPU %d", gpu.index());
        this.limits = new CudaLimits(
                attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                gpu.computeCapability(),
                attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
    }

    private int attribute(int which) {
        int[] value = {0};
        faults.check(cuDeviceGetAttribute(value, which, device), "attribute %d", which);
        return value[0];
    }

    JCudaFaults faults() {
        return faults;
    }

    /** Makes the context the calling thread's current one: another thread, or another GPU's driver, may have been here. */
    void bind() {
        faults.check(cuCtxSetCurrent(context), "making the context current");
    }

    /** As {@link #bind}; false when there is nothing left to release, for the context is gone. */
    boolean bindToRelease() {
        if (closed || faults.isLost()) {
            return false;
        }
        bind();
        return true;
    }

    /**
     * @throws CudaException within {@link #capture}
     */
    void refuseInCapture(String what) {
        if (capturing) {
            throw new CudaException(
                    "capture: %s cannot be recorded; run the work once before it is captured, so that kernels and scratch"
                                    .formatted(what)
                            + " memory are there, and leave copies from and to the host outside");
        }
    }

    @Override
    public String name() {
        return gpu.toString();
    }

    @Override
    public CudaLimits limits() {
        return limits;
    }

    @Override
    public long allocate(long bytes) {
        refuseInCapture("an allocation");
        bind();
        DevicePointer pointer = new DevicePointer();
        int status = cuMemAlloc(pointer, bytes);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw outOfMemory(bytes);
        }
        faults.check(status, "allocation of %d bytes", bytes);
        return pointer.address();
    }

    private OutOfMemoryError outOfMemory(long bytes) {
        long[] free = {0};
        long[] total = {0};
        faults.check(cuMemGetInfo(free, total), "free memory");
        double gib = 1 << 30;
        return new OutOfMemoryError(String.format(
                Locale.ROOT,
                "GPU memory: wanted %.3f GiB, and %.3f of %.3f GiB are free on %s; make the batch or the arenas"
                        + " smaller",
                bytes / gib,
                free[0] / gib,
                total[0] / gib,
                gpu.name()));
    }

    @Override
    public void free(long address) {
        refuseInCapture("freeing memory");
        if (bindToRelease()) {
            faults.check(cuCtxSynchronize(), "waiting for the GPU");
            faults.check(cuMemFree(new DevicePointer(address)), "freeing memory at 0x%x", address);
        }
    }

    @Override
    public void write(CudaStream stream, long address, MemorySegment source) {
        staging("a copy from the host").write((JCudaStream) stream, address, source);
    }

    @Override
    public void read(CudaStream stream, MemorySegment target, long address) {
        staging("a copy to the host").read((JCudaStream) stream, target, address);
    }

    private JCudaStaging staging(String what) {
        refuseInCapture(what);
        bind();
        if (staging == null) {
            staging = new JCudaStaging(this);
        }
        return staging;
    }

    @Override
    public void fill(CudaStream stream, long address, long bytes, byte value) {
        bind();
        faults.check(
                cuMemsetD8Async(new DevicePointer(address), value, bytes, (JCudaStream) stream),
                "filling %d bytes",
                bytes);
    }

    @Override
    public void copy(CudaStream stream, long target, long source, long bytes) {
        bind();
        faults.check(
                cuMemcpyDtoDAsync(new DevicePointer(target), new DevicePointer(source), bytes, (JCudaStream) stream),
                "copying %d bytes",
                bytes);
    }

    @Override
    public CudaModule load(String name, String ptx) {
        refuseInCapture("loading module " + name);
        bind();
        JCudaModule module = JCudaModule.load(name, ptx, faults);
        modules.add(module);
        return module;
    }

    @Override
    public void launch(CudaStream stream, CudaFunction function, LaunchGrid grid, LaunchArguments arguments) {
        JCudaFunction kernel = (JCudaFunction) function;
        bind();
        if (grid.sharedBytes() > kernel.sharedBytes()) {
            allowShared(kernel, grid);
        }
        int status = cuLaunchKernel(
                kernel,
                grid.x(),
                grid.y(),
                grid.z(),
                grid.threadsX(),
                grid.threadsY(),
                grid.threadsZ(),
                grid.sharedBytes(),
                (JCudaStream) stream,
                pointersOf(arguments),
                null);
        if (status != CUresult.CUDA_SUCCESS) {
            throw faults.refusedLaunch(status, kernel, grid);
        }
        faults.launched(kernel, grid);
    }

    /** A kernel that wants more than 48 KiB in all has to say so before. */
    private void allowShared(JCudaFunction kernel, LaunchGrid grid) {
        int bytes = grid.sharedBytes();
        if (bytes > limits.sharedBytesPerBlock()) {
            throw faults.tooMuchShared(kernel, grid, limits.sharedBytesPerBlock());
        }
        int status = cuFuncSetAttribute(kernel, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes);
        if (status != CUresult.CUDA_SUCCESS) {
            throw faults.refusedLaunch(status, kernel, grid);
        }
        kernel.allowSharedBytes(bytes);
    }

    /** A launcher fills one block of arguments again and again: one pointer object serves all its launches. */
    private Pointer pointersOf(LaunchArguments arguments) {
        if (arguments != lastArguments) {
            lastPointers = new HostPointer(arguments.pointers());
            lastArguments = arguments;
        }
        return lastPointers;
    }

    @Override
    public JCudaStream newStream() {
        bind();
        return new JCudaStream(this);
    }

    @Override
    public JCudaEvent newEvent() {
        bind();
        return new JCudaEvent(this);
    }

    @Override
    public CudaGraph capture(CudaStream stream, Runnable work) {
        refuseInCapture("another capture");
        bind();
        JCudaStream recorded = (JCudaStream) stream;
        faults.check(cuStreamBeginCapture(recorded, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "beginning a capture");
        capturing = true;
        CUgraph graph = new CUgraph();
        boolean whole = false;
        try {
            work.run();
            whole = true;
        } finally {
            capturing = false;
            int status = cuStreamEndCapture(recorded, graph);
            if (whole) {
                faults.check(status, "ending a capture");
            } else if (status == CUresult.CUDA_SUCCESS) {
                cuGraphDestroy(graph);
            }
        }
        return new JCudaGraph(this, graph);
    }

    @Override
    public void synchronize() {
        refuseInCapture("waiting for the GPU");
        bind();
        faults.check(cuCtxSynchronize(), "waiting for the GPU");
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            if (bindToRelease()) {
                faults.check(cuCtxSynchronize(), "waiting for the GPU");
                if (staging != null) {
                    staging.close();
                }
                modules.forEach(JCudaModule::unload);
            }
        } finally {
            closed = true;
            cuDevicePrimaryCtxRelease(device); // of a lost context the status is the old failure's
        }
    }
}
