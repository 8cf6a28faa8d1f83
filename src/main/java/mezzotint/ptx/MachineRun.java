package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import mezzotint.kernel.cuda.LaunchGrid;

/** Runs launches: deals the blocks out to the workers and puts together what they found and counted. */
final class MachineRun {
    private final PtxOptions options;
    private final List<Multiprocessor> workers = new ArrayList<>();
    private long nextSerial = 1;
    private long launches;

    MachineRun(PtxOptions options, DeviceMemory memory) {
        this.options = options;
        workers.add(new Multiprocessor(options, memory));
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
        Multiprocessor worker = workers.getFirst();
        worker.begin(launch, launches);
        var order = new BlockOrder(options, grid.blocks());
        try {
            worker.run(launch, order, 0, 1, new AtomicLong(Long.MAX_VALUE));
        } finally {
            worker.global.publish(launch.floor());
        }
        return LaunchReport.of(launch, worker.counters, worker.findings.found());
    }

    void close() {}
}
