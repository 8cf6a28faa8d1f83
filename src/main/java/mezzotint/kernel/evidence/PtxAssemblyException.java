package mezzotint.kernel.evidence;

/** NVIDIA's assembler does not take a PTX text; the message holds its words, with the lines they speak of. */
public final class PtxAssemblyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PtxAssemblyException(Architecture architecture, String log) {
        super("ptxas for %s: %s".formatted(architecture.target(), log.strip()));
    }
}
