/**
 * The CPU device: kernels on off-heap memory, with the Vector API where the JVM has it.
 *
 * <h2>Why</h2>
 *
 * Products meet strips of a, in arrays, with panels of b, in memory. A tile reads one element of a row for every two
 * multiply-adds, and what that costs decides: with strips by address C2 spent some 25 instructions on checking each of them at
 * the start of a tile and three in its loop, and a core with two units for 512 bits waited for them (155 to 160 of 215 GFLOP/s
 * in the tile, 150 in products). An array at constant strides costs one instruction; the tile runs at 190 to 205, which is what a
 * C compiler gets out of the same loop (195 to 208), and products at 165 to 180, like oneDNN's there. Copying the strips takes
 * 1 %. A core with one unit hides all that: the tile by address ran at 114 of 118 on a Zen 4.
 *
 * <p>Strips are copied by the worker that uses them: made by all for all, they were fetched out of the other core's cache, and
 * weight gradients on two threads ran at 220 instead of 285 GFLOP/s. For the same reason a worker that packs strips also copies
 * panels of its own: another 1 to 6 %. An Intel Xeon wants panels copied always: rows of b as they lie, up to a page apart, made
 * it 122 instead of 155 at depth 1344.
 *
 * <p>How deep strips are, and how many a worker holds, goes by the maker of the processor, see
 * {@link mezzotint.kernel.cpu.Blocking}. Of a product 1344 deep an Intel Xeon made 155 in two blocks, whose strips stay in the
 * first-level cache, and 145 in one; a Zen 5 makes 230 to 238 of 256 in two and 240 to 247 in one, which reads a in its order
 * and c once.
 *
 * <p>What a weight gradient loses to the peak is packing: its tiles run at 250 to 257 of 250 to 258 on a Zen 5. On two threads
 * each packs half of every row, and a core gets pieces of rows out of main memory at half the speed of whole ones, in C too (15
 * and 30 GB/s). There both sides are read where they lie, then: once in the order of memory, 320 to 512 rows at a time, so that they
 * lie in the second-level cache, and then by the tiles, the first of which also copies the next strip. Of a product of
 * 2048 × 384 × 1152 two workers packed 75 to 100 µs of panels and 160 to 250 µs of strips each; now they read ahead for 35 to
 * 45 and 70 to 100 µs, and tiles take as long. In alternating runs on two threads the five layers made 443, 446, 461, 443 and
 * 472 before and 462, 460, 462, 463 and 472 GFLOP/s. One worker packs whole rows as fast as it would read them, and meets packed
 * ones faster than those of a wide product in the third-level cache: 1344 wide 241 to 244 packed and 225 to 236 in place.
 * Without reading ahead tiles waited for memory (300 µs), a copy of each strip before its tiles cost 270 to 340 µs, and copying
 * the strip that is being used, from its first tile on, was no faster on one worker and a quarter slower on the other: what was
 * just stored is then loaded again, and an array in Java begins anywhere in a line.
 *
 * <p>Where sides are packed, a worker packs all its strips at a time on AMD, up to 128, which are long pieces of a row of memory.
 * Four rows at a time cost 100 to 130 µs for 1.8 MB instead of 150 to 270; whole rows are faster one at a time (40 instead of
 * 70 µs for 1 MB). Panels take both vectors of a piece at once, row after row: 150 to 160 instead of 215 µs for 3.7 MB. No better
 * were packing both sides together, all workers for all; letting a worker that is done help the other with its strips; waiting
 * for each other once a product instead of once a block; halves of the depth, one a worker, with sums of their own to add
 * (1152 and 1344 wide 414 to 433 instead of 438 to 453), or met by both in turn (five layers 383 to 474); panels packed and only
 * strips in place where rows of b are a page apart (within 2 %). How much of both sides still lies in the third-level cache is up
 * to the neighbours of a virtual machine: the same product ran at 390 and 470 within minutes.
 *
 * <p>Addresses and strides are cut to 62 and 40 bits in a tile, which changes none: C2 then sees that none leaves the address
 * space and leaves out 50 checks (weight gradients 1 % faster).
 *
 * <p>Tiles of packed strips have 12 rows, not 14: as fast, and 384, 768 and 1152 rows are whole numbers of them. A product of 384
 * rows needs 2 % less arithmetic, one of 1344, which 14 divides too, takes 1 % longer for more tiles. On AVX2 they have 5: of a
 * tile of 6, C2 kept one accumulator in memory, and weight gradients ran at 55 to 60 instead of 113 to 115 (a Zen 5 under
 * {@code -XX:UseAVX=2}, whose peak is then some 130).
 *
 * <p>A worker begins every loop with the same share of its chunks: a training step on two threads took 505, 504, 474 and 507 ms,
 * and 520, 500, 485 and 524 in turn with it when all took the next one. The two may sit on cores that share no cache: what one
 * hands to the other took 35 or 190 ns within an hour.
 *
 * <p>Panels and strips that are written side by side lie an odd number of lines of memory apart, or nearly: multiples of 4 KiB
 * fall into one set of a first-level cache (packing 42 panels 688 deep: 780 to 420 µs).
 *
 * <p>A worker that waits spins for half a millisecond. It used to park after 4000 spins, some 50 µs on a Zen 5, and came 70 µs late
 * to the next loop; then the others waited and parked in turn. A weight gradient of nine loops took 1.37 or 1.98 ms, and
 * changed over every few seconds.
 *
 * <p>What lies in main memory is asked for in its own order: one core of a Zen 4 gets 30 GB/s so, and 8 to 10 when it walks down
 * a column of lines. Both sides of a weight gradient are therefore packed row by row, and a weight's rows are copied before
 * they are transposed (0.33 to 0.20 ms for 2 MiB).
 *
 * <p>The first operation that adds to a gradient overwrites it, where its kernel can: GEGLU's backward of a training step takes
 * 13 instead of 12 + 5 ms, because no zeros are written and read. Writing them piece by piece in the cache cost more, 19 ms.
 *
 * <p>GELU is an exact zero where its weight is below 1e-18. It used to be a number of 1e-30 or 1e-40 there: a third of the
 * gradients of a trained network's gates were denormal after 2000 steps, and on an Intel Xeon, which multiplies such numbers
 * a hundred times more slowly, the quickstart fell from 215 to 60 pictures a second. Now it stays at 215 to 245.
 *
 * <p>Convolution copies what a run of some 96 pixels sees, with zeros around, and meets panels of packed weights with it: a
 * tap is a shift of the copy, so that neither the nine copies of im2col nor memory for more than a run are needed. On one core
 * with AVX2, in thread time on a loaded machine, 3 × 3 convolutions of 128 to 512 channels ran at 55 to 62 GFLOP/s and the
 * gradients of their inputs at 57 to 60, products of their size at 52 to 59. Gradients of weights go through im2col, 8 MiB at
 * a time, at 30 to 45.
 *
 * <p>The row kernels' loops live in small methods that get every vector they start from out of memory or a broadcast: a sum
 * that begins with a constant vector, or with one of two, becomes an object in each step (softmax 10.5 to 5.4 ms, taps 41 to 6).
 *
 * <p>What the compiler makes of a kernel decides more than the kernel: with the loops of attention inlined into a lambda, its
 * exponentials were objects in about half of all processes (a sampling step's attention 41 instead of 31 ms), and a tile that
 * C1 had given up on left a training run at 13 instead of 166 pictures a second. {@link mezzotint.kernel.cpu.JitDirectives}
 * prevents both.
 */
package mezzotint.kernel.cpu;
