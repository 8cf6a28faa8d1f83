// For tests of drivers: arguments of every width, shared memory of any size, time.
// nvcc -ptx -arch=compute_80 -O3 driver_check.cu, with .version 8.0

extern "C" __global__ void scale_f32(float* y, const float* x, int n, float factor, double addend, long long wide) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        y[i] = static_cast<float>(factor * x[i] + addend + wide);
    }
}

// y[i] = x[n - 1 - i], through dynamic shared memory; one block
extern "C" __global__ void reverse_f32(float* y, const float* x, int n) {
    extern __shared__ float values[];
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        values[i] = x[i];
    }
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        y[i] = values[n - 1 - i];
    }
}

// Takes a while: x = 1664525 x + 1013904223, many times.
extern "C" __global__ void count_u32(unsigned* x, int times) {
    unsigned value = *x;
    for (int i = 0; i < times; i++) {
        value = 1664525u * value + 1013904223u;
    }
    *x = value;
}
