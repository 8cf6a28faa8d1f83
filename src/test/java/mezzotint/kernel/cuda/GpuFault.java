package mezzotint.kernel.cuda;

/** Has a kernel of the first GPU write to a wrong address, in a process of its own, and says what comes of it. */
final class GpuFault {
    private static final long NOWHERE = 0x7f00_0000_0000_0000L;

    private GpuFault() {}

    /** No arguments. */
    public static void main(String[] none) {
        try (CudaDevice device = CudaDevice.open(CudaOptions.of(0).withProducts(CudaOptions.Products.OWN));
                var arena = device.arena(1 << 20);
                var arguments = new LaunchArguments()) {
            var x = arena.allocate(3).set(1f, 2, 3);
            CudaFunction scale =
                    device.driver().load("driver_check", DriverChecks.ptx()).function("scale_f32");
            arguments
                    .begin()
                    .wide(NOWHERE)
                    .tensor(x)
                    .integer(3)
                    .real(1)
                    .real64(0)
                    .wide(0);
            device.driver().launch(device.stream(), scale, LaunchGrid.of(1, 32), arguments);
            say(device::synchronize);
            say(x::toFloats);
        }
        System.out.println("closed");
    }

    private static void say(Runnable work) {
        try {
            work.run();
            System.out.println("nothing happened");
        } catch (CudaContextLostException e) {
            System.out.println("lost: " + e.getMessage());
        }
    }
}
