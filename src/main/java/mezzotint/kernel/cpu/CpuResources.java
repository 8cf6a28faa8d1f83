package mezzotint.kernel.cpu;

/** What every CPU kernel family is built from: workers, scratch memory and the width of its loops. */
record CpuResources(CpuThreads threads, CpuScratch scratch, VectorWidth vectors) {}
