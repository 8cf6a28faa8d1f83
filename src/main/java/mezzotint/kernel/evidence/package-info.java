/**
 * What can be known of a CUDA kernel without a GPU: what the assembler makes of it, what the machine that runs PTX counts,
 * and whether its numbers are those of {@link mezzotint.kernel.reference}.
 *
 * <h2>Why</h2>
 *
 * JCuda's natives hold a whole ptxas. Called straight through Panama, since JCuda's own class unpacks its library to a fixed
 * name in the shared folder for temporary files and takes what it finds there; we unpack to a private folder and unlink it
 * at once. It assembles a kernel in about 0.1 s, for every architecture, where neither nvcc nor a driver is installed.
 */
package mezzotint.kernel.evidence;
