package mezzotint.kernel.cuda;

/**
 * What a device offers to one launch.
 *
 * @param multiprocessors number of streaming multiprocessors, at least 1
 * @param computeCapability ten times the major version plus the minor one: 80 for an A100
 * @param sharedBytesPerBlock the most shared memory that one block may have when it opts in
 */
public record CudaLimits(int multiprocessors, int computeCapability, int sharedBytesPerBlock) {}
