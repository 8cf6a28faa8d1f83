package mezzotint.ptx;

import java.util.LinkedHashMap;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** One worker of the machine: runs blocks one after the other, with its own shared memory, shadows and counters. */
final class Multiprocessor {
    /** Kernels whose registers are kept for their next launch. */
    private static final int MOST_BLOCKS = 32;

    final PtxOptions options;
    final Findings findings;
    final Sanitizer sanitizer;
    final Traffic traffic = new Traffic();
    final SharedMemory shared;
    final GlobalMemory global;
    Counters counters = new Counters(0);
    private final DeviceMemory memory;
    private final LinkedHashMap<Instruction[], Block> blocks = new LinkedHashMap<>();
    private KernelFaultException fault;
    private long faultPlace;

    Multiprocessor(PtxOptions options, DeviceMemory memory) {
        this.options = options;
        this.memory = memory;
        this.findings = new Findings(options.collect());
        this.sanitizer = new Sanitizer(findings);
        this.shared = new SharedMemory(this);
        this.global = new GlobalMemory(this, memory);
    }

    void begin(Launch launch, long number) {
        counters = new Counters(launch.kernel().code().length);
        findings.clear();
        sanitizer.suspects = 0;
        fault = null;
        shared.resize(launch.sharedBytes());
        global.begin(number);
    }

    /**
     * Runs every {@code step}th block from {@code first} on.
     *
     * @param order which block comes when
     * @param failed the smallest place in the order at which a block has failed, for all workers
     */
    void run(Launch launch, BlockOrder order, int first, int step, AtomicLong failed) {
        Block block = block(launch);
        long blocks = launch.grid().blocks();
        for (long i = first; i < blocks && i < failed.get(); i += step) {
            long index = order.block(i);
            try {
                block.run(index, shared.nextBlock(), order.random(index));
            } catch (KernelAbort abort) {
                // Its finding is in the report; the block's other threads cannot go on.
            } catch (KernelFaultException e) {
                fault = e;
                faultPlace = i;
                failed.accumulateAndGet(i, Math::min);
                return;
            }
        }
    }

    /** A block with registers for the launch's kernel: one that ran before, where there is one. */
    private Block block(Launch launch) {
        int warps = (launch.grid().threads() + Warp.LANES - 1) / Warp.LANES;
        Instruction[] code = launch.kernel().code();
        Block block = blocks.get(code);
        if (block == null || block.warpCount() != warps) {
            block = new Block(this, launch.kernel(), warps);
            blocks.put(code, block);
            if (blocks.size() > MOST_BLOCKS) {
                blocks.pollFirstEntry();
            }
        }
        block.serve(launch);
        return block;
    }

    /** What ended its run, or null. */
    KernelFaultException fault() {
        return fault;
    }

    /** The place in the order of the block that failed. */
    long faultPlace() {
        return faultPlace;
    }

    /** The address of a lane's present access, for people. */
    String describe(Warp w, int lane) {
        long address = w.address[lane];
        Span span = memory.find(address);
        return span == null
                ? "byte " + address
                : "0x%x (byte %d of a span of %d)".formatted(address, address - span.base, span.bytes);
    }

    /** A source of random numbers for the order of one block's warps. */
    static Random random(long seed, long block) {
        return new Random(seed * 0x9e3779b97f4a7c15L + block);
    }
}
