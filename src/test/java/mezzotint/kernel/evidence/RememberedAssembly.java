package mezzotint.kernel.evidence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import mezzotint.kernel.evidence.SassCounts.Operation;

/** An assembler that keeps its results in the build folder, so that only a changed PTX costs its time. */
final class RememberedAssembly implements AutoCloseable {
    private final PtxAssembler assembler = PtxAssembler.open();
    private final Path folder;

    RememberedAssembly(Path folder) {
        this.folder = folder;
    }

    List<AssembledKernel> assemble(String ptx, Architecture architecture) {
        byte[] key = (ptx + architecture).getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve(UUID.nameUUIDFromBytes(key) + ".txt");
        try {
            if (Files.exists(file)) {
                return Files.readAllLines(file).stream()
                        .map(RememberedAssembly::read)
                        .toList();
            }
            List<AssembledKernel> kernels = assembler.assemble(ptx, architecture);
            Files.createDirectories(folder);
            Files.write(file, kernels.stream().map(RememberedAssembly::written).toList());
            return kernels;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String written(AssembledKernel kernel) {
        StringJoiner line = new StringJoiner(" ");
        line.add(kernel.name());
        for (int number : List.of(
                kernel.registers(),
                kernel.stackBytes(),
                kernel.spillStoreBytes(),
                kernel.spillLoadBytes(),
                kernel.sharedBytes())) {
            line.add("" + number);
        }
        for (Operation operation : Operation.values()) {
            line.add("" + kernel.code().of(operation));
            line.add("" + kernel.code().wide().getOrDefault(operation, 0));
        }
        return line.toString();
    }

    static AssembledKernel read(String line) {
        String[] parts = line.split(" ", -1);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 1; i < parts.length; i++) {
            numbers.add(Integer.parseInt(parts[i]));
        }
        Map<Operation, Integer> all = new EnumMap<>(Operation.class);
        Map<Operation, Integer> wide = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            int at = 5 + 2 * operation.ordinal();
            if (numbers.get(at) > 0) {
                all.put(operation, numbers.get(at));
            }
            if (numbers.get(at + 1) > 0) {
                wide.put(operation, numbers.get(at + 1));
            }
        }
        return new AssembledKernel(
                parts[0],
                numbers.get(0),
                numbers.get(1),
                numbers.get(2),
                numbers.get(3),
                numbers.get(4),
                new SassCounts(all, wide));
    }

    @Override
    public void close() {
        assembler.close();
    }
}
