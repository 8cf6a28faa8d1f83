/**
 * The PTX machine: runs compiled CUDA kernels in Java, checks every access, and counts what they cost.
 */
package mezzotint.ptx;
