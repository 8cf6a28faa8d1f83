package mezzotint.kernel.cuda;

import jcuda.driver.CUdeviceptr;

/** JCuda's form of a device address, in and out. */
final class DevicePointer extends CUdeviceptr {
    /** To be filled by an allocation. */
    DevicePointer() {}

    DevicePointer(long address) {
        super(new CUdeviceptr(), address); // JCuda has no constructor of a number: null plus an offset is one
    }

    long address() {
        return getNativePointer() + getByteOffset();
    }
}
