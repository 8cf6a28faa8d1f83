/**
 * PRX, Photoroom's text-to-image transformer; tensors carry the names of the diffusers checkpoints.
 *
 * <h2>Why</h2>
 *
 * <ul>
 *   <li>Weights are read where their file is mapped and widened in a worker's cache: a product of bfloat16 weights takes the
 *       time of a float32 one (1,024 tokens by 6,272 × 1,792: 440 ms of one processor against 430), and nothing is copied.
 *   <li>float16 is a third type that products read: widened at loading it would take twice the memory of its file.
 *   <li>Streamed blocks stay mapped and are let go ({@code madvise}): going through 2.3 GB in the system's cache costs 0.25 to
 *       0.5 s of one processor, 0.25 when all stays in memory; reading it into one buffer costs 1.3 s.
 * </ul>
 */
package mezzotint.prx;
