/**
 * The PTX machine: runs compiled CUDA kernels in Java on the CPU, checks every access, and counts what they cost.
 *
 * <p>{@link mezzotint.ptx.PtxMachine} is a {@link mezzotint.kernel.cuda.CudaDriver}: launchers, device memory and modules are
 * the same code on it and on a GPU. Kernels of one's own are tried out with {@link mezzotint.ptx.PtxWorkbench}, in a test with
 * no GPU in the house:
 *
 * <pre>{@code
 * // nvcc -ptx -arch=compute_80 -O3 -lineinfo saxpy.cu
 * try (var bench = new PtxWorkbench()) {
 *     bench.load(Files.readString(Path.of("saxpy.ptx")));
 *     long x = bench.upload(1f, 2f, 3f);
 *     long y = bench.upload(10f, 20f, 30f);
 *     LaunchReport report = bench.launch(
 *             "saxpy", LaunchGrid.of(1, 128), a -> a.wide(y).wide(x).real(2f).integer(3));
 *     assertArrayEquals(new float[] {12, 24, 36}, bench.floats(y, 3));
 *     assertEquals(1, report.globalStore().excess());   // sectors over the fewest possible
 * }
 * }</pre>
 *
 * <p>What a kernel does wrong is thrown as a {@link mezzotint.ptx.KernelFaultException}, or gathered in the report with
 * {@link mezzotint.ptx.PtxOptions#collecting}; {@link mezzotint.ptx.FindingKind} lists what is found. A race between lanes of
 * one warp is a race unless a barrier, a shuffle, a vote or a matrix instruction stands between; two threads of a block may
 * store the same bytes to one place, blocks may not. A fence orders nothing here, so blocks that hand data over to each other
 * within a launch are reported. Each launch gives a {@link mezzotint.ptx.LaunchReport}.
 *
 * <p>The results of {@code .approx} instructions are the correctly rounded ones; {@link mezzotint.ptx.PtxOptions#perturbed}
 * moves them by up to their documented error. Matrix products add up in float32 in the order of K; a GPU's own order and
 * rounding differ in the last bits.
 *
 * <h2>From text to run</h2>
 *
 * {@code PtxLexer} and {@code PtxParser} read a text into routines of statements ({@link mezzotint.ptx.PtxProgram});
 * {@code Decoder} makes a kernel of each entry: called functions are put in where they are called, and the decoder of each
 * group of instructions ({@code IntegerDecoder}, {@code MemoryDecoder}, …) turns a statement into a {@code Step} on register
 * arrays. {@code MachineRun} deals a launch's blocks out to its workers ({@code Multiprocessor}); a {@code Block} runs its
 * warps one after the other from barrier to barrier, a {@code Lockstep} keeps the lanes of a warp together, and
 * {@code Sanitizer} compares each access with the stamps of earlier ones in the {@code Shadow} of the memory.
 *
 * <h2>Why</h2>
 *
 * An interpreter with one loop over 32 lanes an instruction, not bytecode made for each kernel: its loops are warm after the
 * first kernel, while a kernel of 5,000 instructions would keep the compiler busy for seconds. On one core, all checks on, warm,
 * in thread time: float32 attention 370 to 420 million thread instructions a second (the prototype: 280 to 430), RMSNorm 360,
 * patchify 550; bf16 attention on tensor cores, B 1, H 2, L 64, T 64, D 64, 2.5 ms; a launch of 256 threads and 324 warp
 * instructions 35 µs. Checks cost a factor of 1.1 (tensor cores) to 2 (shared memory, word by word).
 *
 * <p>Stamps carry a serial number of the block, so nothing is cleared between blocks or launches. Each worker has its own
 * shadow of global memory; what two workers touched is compared once the launch is over, so no access waits for a lock.
 */
package mezzotint.ptx;
