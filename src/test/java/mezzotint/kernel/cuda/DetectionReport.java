package mezzotint.kernel.cuda;

import mezzotint.kernel.DeviceUnavailableException;

/** Prints, in a process of its own, what detection finds, and what opening the device named by the arguments comes to. */
final class DetectionReport {
    private DetectionReport() {}

    /**
     * @param arguments index of the GPU and products
     */
    public static void main(String[] arguments) {
        CudaDetection detection = CudaDetection.in(CudaPlaces.ofSystem());
        detection.steps().forEach(step -> System.out.println("step " + step));
        detection.gpus().forEach(gpu -> System.out.println("gpu " + gpu));
        var options =
                CudaOptions.of(Integer.parseInt(arguments[0])).withProducts(CudaOptions.Products.valueOf(arguments[1]));
        for (int time = 0; time < 2; time++) {
            try (CudaDevice device = CudaDevice.open(options)) {
                System.out.println("opened " + device);
            } catch (DeviceUnavailableException e) {
                System.out.println("refused " + e.getMessage());
            }
        }
    }
}
