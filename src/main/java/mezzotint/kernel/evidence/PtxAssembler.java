package mezzotint.kernel.evidence;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mezzotint.kernel.DeviceUnavailableException;

/**
 * NVIDIA's assembler of PTX, out of JCuda's natives: no driver, no toolkit, no GPU. Any number of threads may use one.
 *
 * @see <a href="https://docs.nvidia.com/cuda/ptx-compiler-api/">PTX Compiler API</a>
 */
public final class PtxAssembler implements AutoCloseable {
    private static final String RESOURCE = "/lib/libJNvPTXCompiler-12.6.0-linux-x86_64.so";
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;

    private static final Pattern ENTRY = Pattern.compile("Compiling entry function '(\\S+)'");
    private static final Pattern MEMORY =
            Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern USED = Pattern.compile("Used (\\d+) registers(.*)");
    private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

    private final Arena arena = Arena.ofShared();
    private final SymbolLookup library;
    private final MethodHandle create;
    private final MethodHandle destroy;
    private final MethodHandle compile;

    private PtxAssembler(Path file) {
        library = SymbolLookup.libraryLookup(file, arena);
        create = function("Create", ADDRESS, LONG, ADDRESS);
        destroy = function("Destroy", ADDRESS);
        compile = function("Compile", ADDRESS, INT, ADDRESS);
    }

    /**
     * Unpacks and loads it.
     *
     * @throws DeviceUnavailableException when JCuda's natives are not on the class path, or not for this machine
     */
    public static PtxAssembler open() {
        try (InputStream packed = PtxAssembler.class.getResourceAsStream(RESOURCE)) {
            if (packed == null) {
                throw unavailable(RESOURCE + " is not on the class path", null);
            }
            Path folder = Files.createTempDirectory("mezzotint-ptx"); // for this user alone
            Path file = folder.resolve("ptx-assembler.so");
            try {
                Files.copy(packed, file);
                return new PtxAssembler(file);
            } catch (IllegalArgumentException e) {
                throw unavailable(e.getMessage(), e);
            } finally {
                Files.deleteIfExists(file); // once loaded it needs no name
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DeviceUnavailableException unavailable(String why, Throwable cause) {
        return new DeviceUnavailableException(
                "the PTX assembler",
                why,
                "add the dependency org.jcuda:jcuda-natives:12.6.0:linux-x86_64; it runs on Linux on x86-64",
                cause);
    }

    private MethodHandle function(String name, MemoryLayout... parameters) {
        return Linker.nativeLinker()
                .downcallHandle(library.findOrThrow("nvPTXCompiler" + name), FunctionDescriptor.of(INT, parameters));
    }

    /**
     * Assembles a PTX text.
     *
     * @return its kernels, in the order of the text
     * @throws PtxAssemblyException when the assembler does not take it, with the assembler's words
     */
    public List<AssembledKernel> assemble(String ptx, Architecture architecture) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment handle = call.allocate(ADDRESS);
            MemorySegment text = call.allocateFrom(ptx);
            check("create", invoke(create, handle, text.byteSize() - 1, text));
            try {
                MemorySegment compiler = handle.get(ADDRESS, 0);
                MemorySegment options = call.allocate(ADDRESS, 2);
                options.setAtIndex(ADDRESS, 0, call.allocateFrom("--gpu-name=" + architecture.target()));
                options.setAtIndex(ADDRESS, 1, call.allocateFrom("--verbose"));
                if (invoke(compile, compiler, 2, options) != 0) {
                    throw new PtxAssemblyException(architecture, text(fetch(compiler, "ErrorLog")));
                }
                return kernels(
                        text(fetch(compiler, "InfoLog")), SassCounts.ofProgram(fetch(compiler, "CompiledProgram")));
            } finally {
                check("destroy", invoke(destroy, handle));
            }
        }
    }

    private byte[] fetch(MemorySegment compiler, String what) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment size = call.allocate(LONG);
            check("size of " + what, invoke(function("Get" + what + "Size", ADDRESS, ADDRESS), compiler, size));
            // room for the zero that ends a log
            MemorySegment bytes = call.allocate(size.get(LONG, 0) + 1);
            if (size.get(LONG, 0) > 0) {
                check(what, invoke(function("Get" + what, ADDRESS, ADDRESS), compiler, bytes));
            }
            return bytes.asSlice(0, size.get(LONG, 0)).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static String text(byte[] log) {
        return new String(log, StandardCharsets.UTF_8).replace("\0", "");
    }

    /** Reads what {@code ptxas --verbose} says. */
    static List<AssembledKernel> kernels(String log, Map<String, SassCounts> code) {
        List<AssembledKernel> kernels = new ArrayList<>();
        String name = "";
        int[] memory = {0, 0, 0};
        for (String line : log.lines().toList()) {
            Matcher entry = ENTRY.matcher(line);
            Matcher bytes = MEMORY.matcher(line);
            Matcher used = USED.matcher(line);
            if (entry.find()) {
                name = entry.group(1);
            } else if (bytes.find()) {
                for (int i = 0; i < memory.length; i++) {
                    memory[i] = Integer.parseInt(bytes.group(i + 1));
                }
            } else if (used.find()) {
                Matcher shared = SHARED.matcher(used.group(2));
                kernels.add(new AssembledKernel(
                        name,
                        Integer.parseInt(used.group(1)),
                        memory[0],
                        memory[1],
                        memory[2],
                        shared.find() ? Integer.parseInt(shared.group(1)) : 0,
                        code.get(name)));
            }
        }
        if (kernels.size() != code.size()) {
            throw new IllegalStateException("the assembler's program holds %d kernels and its log tells of %d: %s"
                    .formatted(code.size(), kernels.size(), log));
        }
        return kernels;
    }

    private static void check(String what, int status) {
        if (status != 0) {
            throw new IllegalStateException("PTX assembler, %s: status %d".formatted(what, status));
        }
    }

    private static int invoke(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("PTX assembler: the call failed", e);
        }
    }

    /** Unloads the library. */
    @Override
    public void close() {
        arena.close();
    }
}
