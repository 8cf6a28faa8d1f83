package mezzotint.testing;

import mezzotint.kernel.Device;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cpu.CpuMemory;
import mezzotint.tensor.TensorArena;

/**
 * A device over the kernels of a {@link Devices} set-up.
 *
 * @param kernels the families
 */
public record TestDevice(Kernels kernels) implements Device {
    /** Over {@link Devices#one}. */
    public TestDevice() {
        this(Devices.one().kernels());
    }

    @Override
    public TensorArena arena(long bytes) {
        return new TensorArena(CpuMemory.allocate(bytes));
    }

    @Override
    public void synchronize() {}

    @Override
    public void close() {}
}
