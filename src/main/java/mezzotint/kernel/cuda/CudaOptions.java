package mezzotint.kernel.cuda;

/**
 * Which GPU, and by whose kernels matrices are multiplied.
 *
 * @param gpu index of the GPU as CUDA counts them, from 0
 * @param products see {@link Products}
 * @param places where native libraries are looked for
 */
public record CudaOptions(int gpu, Products products, CudaPlaces places) {

    /** Who multiplies matrices. */
    public enum Products {
        /** cuBLAS where its library is found, else the kernels of this library; the device's name says which. */
        BEST,
        /** cuBLAS; its absence is an error. */
        CUBLAS,
        /** The hand-written kernels of this library. */
        OWN
    }

    /**
     * @throws IllegalArgumentException when {@code gpu} is negative
     */
    public CudaOptions {
        if (gpu < 0) {
            throw new IllegalArgumentException("CUDA: GPUs are counted from 0, got " + gpu);
        }
    }

    /** The best products on the GPU of this index, libraries from the usual places. */
    public static CudaOptions of(int gpu) {
        return new CudaOptions(gpu, Products.BEST, CudaPlaces.ofSystem());
    }

    /** The same with these products. */
    public CudaOptions withProducts(Products chosen) {
        return new CudaOptions(gpu, chosen, places);
    }

    /** The same with libraries from these places. */
    public CudaOptions withPlaces(CudaPlaces chosen) {
        return new CudaOptions(gpu, products, chosen);
    }

    /** The device's name as a user types it: {@code cuda:0}. */
    public String device() {
        return "cuda:" + gpu
                + switch (products) {
                    case BEST -> "";
                    case CUBLAS -> ":cublas";
                    case OWN -> ":own";
                };
    }
}
