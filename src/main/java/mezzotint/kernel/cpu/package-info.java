/** The CPU device: kernels on off-heap memory, with the Vector API where the JVM has it. */
package mezzotint.kernel.cpu;
