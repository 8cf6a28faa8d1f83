package mezzotint.benchmarks;

/** Burns one core until it is killed: the other process of a shared machine. */
public final class Busy {
    private Busy() {}

    /** Never returns; dies with the process that started it, whose end closes the standard input. */
    public static void main(String... args) throws Exception {
        Thread.ofPlatform().daemon().start(() -> {
            double x = 1;
            while (x > 0) {
                x = Math.sqrt(x + 1);
            }
        });
        while (System.in.read() >= 0) {
            Thread.onSpinWait();
        }
    }
}
