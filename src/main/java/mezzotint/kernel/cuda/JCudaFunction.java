package mezzotint.kernel.cuda;

import jcuda.driver.CUfunction;

/** A kernel on a GPU. */
final class JCudaFunction extends CUfunction implements CudaFunction {
    private final String name;
    private int sharedBytes;

    JCudaFunction(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    /** The dynamic shared memory that it may be launched with as it stands. */
    int sharedBytes() {
        return sharedBytes;
    }

    void allowSharedBytes(int bytes) {
        sharedBytes = bytes;
    }

    @Override
    public String toString() {
        return name;
    }
}
