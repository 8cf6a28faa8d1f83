// What compilers emit beyond plain kernels: called functions, tables in constant and global memory, arrays of a thread's own
// with computed indices, trigonometry with its slow paths, 64-bit division, static and dynamic shared memory, inlined lines.
// Made with: nvcc -ptx -arch=compute_80 -O3 -lineinfo --std=c++17 sampler.cu, paths taken out of the .file lines, .version 8.0.

__constant__ int table[4] = {3, 1, 4, 1};
__device__ float factors[3] = {1.5f, 2.5f, 3.5f};

__device__ __noinline__ float horner(float x, int n, const float* coefficients) {
    float sum = 0;
    for (int i = n - 1; i >= 0; i--) {
        sum = sum * x + coefficients[i];
    }
    return sum;
}

__device__ __forceinline__ float halved(float x) { return x * 0.5f; }

// values[i] = sin, cos, tanh, erf of it, each in a row of its own; a thread an element.
extern "C" __global__ void functions(float* out, const float* values, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) {
        return;
    }
    float x = values[i];
    out[i] = sinf(x);
    out[n + i] = cosf(x);
    out[2 * n + i] = tanhf(x);
    out[3 * n + i] = erff(x);
    out[4 * n + i] = powf(fabsf(x), 0.75f);
    out[5 * n + i] = log1pf(fabsf(x));
    out[6 * n + i] = expf(x);
    out[7 * n + i] = fmodf(x, 3.0f);
}

extern "C" __global__ void doubles(double* out, const double* values, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) {
        return;
    }
    double x = values[i];
    out[i] = sin(x);
    out[n + i] = cos(x);
    out[2 * n + i] = exp(x);
    out[3 * n + i] = log(fabs(x));
    out[4 * n + i] = sqrt(fabs(x)) / 3.0;
}

extern "C" __global__ void tables(float* out, const float* coefficients, long long n, int d, long long stride) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    float own[8];
    for (int k = 0; k < 8; k++) {
        own[k] = coefficients[k] * factors[k % 3];
    }
    int pick = (int)(i * stride % d) & 7;
    own[pick] += 100.0f;
    float x = halved((float)(i % 5));
    float sum = horner(x, 4, coefficients) + table[i & 3] + own[(pick + (int)i) & 7];
    switch ((int)(i % 11)) {
        case 0: sum += 1; break;
        case 1: sum *= 2; break;
        case 2: sum -= horner(x, 2, coefficients); break;
        case 3: sum = -sum; break;
        case 4: sum += 0.25f; break;
        case 5: sum *= sum; break;
        case 6: sum += 9; break;
        case 7: sum -= 3; break;
        case 8: sum = 7; break;
        default: sum += 2; break;
    }
    out[i] = sum;
}

extern __shared__ float dynamic_tile[];

// Reverses each block's elements through shared memory and adds their maximum.
extern "C" __global__ void __launch_bounds__(128) reverse(float* data) {
    __shared__ float most[4];
    int t = threadIdx.x;
    float x = data[blockIdx.x * 128 + t];
    dynamic_tile[t] = x;
    for (int step = 16; step > 0; step >>= 1) {
        x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
    }
    if (t % 32 == 0) {
        most[t / 32] = x;
    }
    __syncthreads();
    x = fmaxf(fmaxf(most[0], most[1]), fmaxf(most[2], most[3]));
    data[blockIdx.x * 128 + t] = dynamic_tile[127 - t] + halved(x);
}
