package mezzotint.kernel.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.evidence.CheckRun.Distance;
import mezzotint.ptx.LaunchReport;
import mezzotint.ptx.PtxFinding;
import mezzotint.ptx.PtxMachine;
import mezzotint.ptx.PtxOptions;
import mezzotint.tensor.DType;

/** Runs {@link KernelCheck checks} on CUDA kernels and says how far they are from their definitions and what they cost. */
public final class KernelVerification implements AutoCloseable {
    private static final int GUARD = 256;

    private final WatchedDriver driver;
    private final CudaDevice device;
    private final CudaDevice one;
    private final CheckRun run;
    private final CheckRun runOnOne;
    private final Runnable closing;
    private final List<LaunchReport> reports = new ArrayList<>();

    private KernelVerification(WatchedDriver driver, int guard, Runnable closing) {
        this.driver = driver;
        this.closing = closing;
        this.device = CudaDevice.on(driver);
        this.run = new CheckRun(device.kernels(), bytes -> ExactMemory.allocate(device, bytes), guard);
        this.one = CudaDevice.on(driver.withOneMultiprocessor());
        this.runOnOne = new CheckRun(one.kernels(), bytes -> ExactMemory.allocate(one, bytes), guard);
    }

    /** On the machine that runs PTX in Java, with all checks on, findings gathered. */
    public static KernelVerification onMachine() {
        PtxMachine machine = new PtxMachine(PtxOptions.standard().collecting());
        return onMachine(machine, new WatchedDriver(machine));
    }

    /**
     * On a machine of one's own.
     *
     * @param machine collects its findings
     * @param watched drives {@code machine}; this owns and closes it
     */
    public static KernelVerification onMachine(PtxMachine machine, WatchedDriver watched) {
        KernelVerification verification = new KernelVerification(watched, 0, () -> {});
        machine.listen(verification.reports::add);
        return verification;
    }

    /**
     * On a GPU, where nothing is counted and bytes around each tensor show what was written past it.
     *
     * @param gpu this owns and closes it; its own products are run, whatever it was opened with
     */
    public static KernelVerification onGpu(CudaDevice gpu) {
        return new KernelVerification(WatchedDriver.borrowing(gpu.driver()), GUARD, gpu::close);
    }

    /**
     * A forward or a backward that ran.
     *
     * @param backward or forward
     * @param what the output or gradient that is farthest from its definition
     * @param error its relative L2; NaN when a number is missing or the run broke off
     * @param tolerance the most that is allowed
     * @param findings what the machine found, and the driver's words when the run broke off
     * @param cost of all launches together; empty on a GPU and when nothing was launched
     * @param launches one for each
     */
    public record Row(
            KernelCheck check,
            DType type,
            boolean backward,
            String what,
            double error,
            double tolerance,
            List<String> findings,
            Optional<LaunchReport> cost,
            List<LaunchReport> launches,
            double seconds) {

        /** Whether it is near enough and nothing was found. */
        public boolean passes() {
            return error <= tolerance && findings.isEmpty();
        }

        /** The operation, for people. */
        public String operation() {
            return check.name() + (backward ? " backward" : "");
        }
    }

    /** Runs a check's forward and backward without looking at numbers, and says what each launch did. */
    public List<LaunchReport> launches(KernelCheck check, DType type) {
        reports.clear();
        CheckRun chosen = check.wantsOneMultiprocessor() ? runOnOne : run;
        try (CheckRun.Session session = chosen.open(check, type)) {
            session.launch();
        }
        return List.copyOf(reports);
    }

    /** Runs a check: a row for its forward, and one for its backward if it has one and the forward did not break off. */
    public List<Row> run(KernelCheck check, DType type) {
        List<Row> rows = new ArrayList<>();
        CheckRun chosen = check.wantsOneMultiprocessor() ? runOnOne : run;
        try (CheckRun.Session session = chosen.open(check, type)) {
            Row forward = row(check, type, false, () -> Optional.of(session.forward()));
            rows.add(forward);
            if (check.backward().isPresent() && !Double.isNaN(forward.error)) {
                rows.add(row(check, type, true, session::backward));
            }
        }
        return rows;
    }

    private Row row(KernelCheck check, DType type, boolean backward, Supplier<Optional<Distance>> work) {
        reports.clear();
        List<String> findings = new ArrayList<>();
        Distance distance = new Distance("nothing", Double.NaN, 0);
        long start = System.nanoTime();
        try {
            distance = work.get().orElseThrow();
            device.synchronize();
        } catch (CudaException e) {
            findings.add(e.getMessage());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        for (LaunchReport report : reports) {
            report.findings().stream().map(PtxFinding::message).forEach(findings::add);
        }
        return new Row(
                check,
                type,
                backward,
                distance.what(),
                distance.error(),
                distance.tolerance(),
                List.copyOf(findings),
                reports.stream().reduce(LaunchReport::plus),
                List.copyOf(reports),
                seconds);
    }

    /** The names of the kernels that have run so far. */
    public Set<String> launched() {
        return driver.launched();
    }

    /** What it runs on, for people. */
    public String on() {
        return driver.name();
    }

    @Override
    public void close() {
        one.close();
        device.close();
        closing.run();
    }
}
