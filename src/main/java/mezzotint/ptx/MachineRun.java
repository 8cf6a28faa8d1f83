package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import mezzotint.kernel.cuda.LaunchGrid;

/** Runs launches: deals the blocks out to the workers and puts together what they found and counted. */
final class MachineRun {
    /** Warps of a launch below which a second worker costs more than it brings. */
    private static final long FEW_WARPS = 16;

    private final PtxOptions options;
    private final DeviceMemory memory;
    private final List<Multiprocessor> workers = new ArrayList<>();
    private ExecutorService threads;
    private long nextSerial = 1;
    private long launches;

    MachineRun(PtxOptions options, DeviceMemory memory) {
        this.options = options;
        this.memory = memory;
    }

    void forget(Span span) {
        workers.forEach(worker -> worker.global.forget(span));
    }

    LaunchReport launch(Kernel kernel, LaunchGrid grid, byte[] parameters) {
        if (nextSerial + grid.blocks() >= Stamp.MOST_SERIALS) {
            workers.forEach(worker -> worker.global.clearShadows());
            nextSerial = 1;
        }
        var launch = new Launch(kernel, grid, parameters, nextSerial);
        nextSerial += grid.blocks();
        launches++;
        List<Multiprocessor> taking = workers(launch);
        try {
            run(launch, taking);
        } finally {
            taking.forEach(worker -> worker.global.publish(launch.floor()));
        }
        var findings = new ArrayList<PtxFinding>();
        taking.forEach(worker -> findings.addAll(worker.findings.found()));
        if (taking.size() > 1 && options.checks()) {
            var conflicts = new Conflicts(memory, launch, options.collect());
            findings.addAll(conflicts.find(taking));
        }
        Counters counters = taking.getFirst().counters;
        taking.subList(1, taking.size()).forEach(worker -> counters.add(worker.counters));
        return new LaunchReport(launch, counters, findings);
    }

    /** The workers that share a launch. Atomic operations run on one, so that their order is always the same. */
    private List<Multiprocessor> workers(Launch launch) {
        LaunchGrid grid = launch.grid();
        long warps = grid.blocks() * (grid.threads() + Warp.LANES - 1) / Warp.LANES;
        boolean alone = launch.kernel().atomics() || warps < FEW_WARPS;
        int count = alone ? 1 : (int) Math.min(options.threads(), grid.blocks());
        while (workers.size() < count) {
            workers.add(new Multiprocessor(options, memory));
        }
        List<Multiprocessor> taking = workers.subList(0, count);
        taking.forEach(worker -> worker.begin(launch, launches));
        return taking;
    }

    private void run(Launch launch, List<Multiprocessor> taking) {
        var order = new BlockOrder(options, launch.grid().blocks());
        var failed = new AtomicLong(Long.MAX_VALUE);
        var others = new ArrayList<Future<?>>();
        for (int i = 1; i < taking.size(); i++) {
            int first = i;
            others.add(threads().submit(() -> taking.get(first).run(launch, order, first, taking.size(), failed)));
        }
        try {
            taking.getFirst().run(launch, order, 0, taking.size(), failed);
        } finally {
            others.forEach(MachineRun::await);
        }
        taking.stream()
                .filter(worker -> worker.fault() != null && worker.faultPlace() == failed.get())
                .findFirst()
                .ifPresent(worker -> {
                    throw worker.fault();
                });
    }

    private static void await(Future<?> work) {
        try {
            work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in the middle of a launch", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private ExecutorService threads() {
        if (threads == null) {
            threads = Executors.newFixedThreadPool(
                    options.threads() - 1,
                    Thread.ofPlatform().daemon().name("ptx-", 1).factory());
        }
        return threads;
    }

    void close() {
        if (threads != null) {
            threads.shutdown();
            threads = null;
        }
    }
}
