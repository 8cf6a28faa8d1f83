package mezzotint.kernel.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Keeps the first-tier compiler (C1) off the large kernels, and the loops of attention compiled each by itself.
 *
 * <p>C1 gives up on them, and one can then stay at 1.4 instead of 61 GFLOP/s for the whole process; without C1 they go from
 * the interpreter straight to C2. An exponential of vectors is so many nodes that C2 gives up inlining half-way when the loops
 * end up in one method, and then boxes the vectors: 37 KiB a head. The lambdas of CpuAttention count too: whichever of them or
 * their callees is compiled first takes the others in.
 */
final class JitDirectives {
    /** How the names of the classes begin that hold a written-out kernel. */
    static final List<String> LARGE = List.of("VectorTile", "VectorBlockCopy");

    private static final String DIRECTIVES = """
        [{
          match: [%s],
          c1: { Exclude: true },
          c2: {}
        },
        {
          match: ["mezzotint/kernel/cpu/CpuAttention*.*", "mezzotint/kernel/cpu/Attention*.*"],
          inline: ["-mezzotint/kernel/cpu/AttentionLoops*.softmax",
                   "-mezzotint/kernel/cpu/AttentionLoops*.probabilities",
                   "-mezzotint/kernel/cpu/AttentionLoops*.exponentials",
                   "-mezzotint/kernel/cpu/AttentionLoops*.dot",
                   "-mezzotint/kernel/cpu/AttentionLoops*.add",
                   "-mezzotint/kernel/cpu/AttentionLoops*.copy",
                   "-mezzotint/kernel/cpu/AttentionLoops*.scale"]
        }]
        """.formatted(LARGE.stream()
            .map(name -> "\"mezzotint/kernel/cpu/" + name + "*.*\"")
            .collect(Collectors.joining(", ")));

    /** What must be in a Java for HotSpot to offer the command; its own images have both, one made by jlink need not. */
    static final String MODULES = "jdk.management and jdk.jfr";

    private JitDirectives() {}

    /**
     * Adds the directives to the running JVM; adding them twice does no harm.
     *
     * @return whether the JVM took them or, not being HotSpot, needs none; one without {@link #MODULES} takes none
     * @throws UncheckedIOException when no temporary file can be written
     */
    static boolean install() {
        try {
            ObjectName diagnostics = new ObjectName("com.sun.management:type=DiagnosticCommand");
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            if (!server.isRegistered(diagnostics)) {
                return !isHotSpot();
            }
            Path file = Files.createTempFile("mezzotint", ".json");
            try {
                Files.writeString(file, DIRECTIVES);
                Object[] arguments = {new String[] {file.toString()}};
                server.invoke(diagnostics, "compilerDirectivesAdd", arguments, new String[] {String[].class.getName()});
            } finally {
                Files.deleteIfExists(file);
            }
            return true;
        } catch (JMException e) {
            return !isHotSpot();
        } catch (IOException e) {
            throw new UncheckedIOException("compiler directives: cannot write a temporary file; set java.io.tmpdir", e);
        }
    }

    private static boolean isHotSpot() {
        String name = System.getProperty("java.vm.name");
        return name.contains("HotSpot") || name.contains("OpenJDK");
    }
}
