package mezzotint.kernel.evidence;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Instructions in the code of a kernel, as assembled, each counted once however often it runs.
 *
 * <p>An instruction has 16 bytes from sm_70 on: the operation lies in bits 0 to 8 and the form of its operands above; the
 * width of an access in bits 73 to 75. NVIDIA does not document this; the tests hold it to kernels whose instructions are
 * known.
 *
 * @param byOperation how many of each
 * @param wide those of them that move 16 bytes a thread
 */
public record SassCounts(Map<Operation, Integer> byOperation, Map<Operation, Integer> wide) {
    private static final int BYTES = 16;
    private static final int WIDE = 6;

    /** Operations that say something about a kernel. */
    public enum Operation {
        /** Tensor-core product. */
        HMMA(0x03c),
        /** Load from global memory. */
        LDG(0x181),
        /** Store to global memory. */
        STG(0x186),
        /** Load from global to shared memory, past the registers: {@code cp.async}. */
        LDGSTS(0x1ae),
        /** Load from shared memory. */
        LDS(0x184),
        /** Store to shared memory. */
        STS(0x188),
        /** Load of matrix fragments from shared memory: {@code ldmatrix}. */
        LDSM(0x03b),
        /** Load from local memory: a spill, or an array that is indexed. */
        LDL(0x183),
        /** Store to local memory. */
        STL(0x187),
        /** Special function: reciprocal, exponential, sine and the like. */
        MUFU(0x108),
        /** Float32 multiply-add. */
        FFMA(0x023),
        /** Exchange between lanes. */
        SHFL(0x189),
        /** Barrier of a block. */
        BAR(0x11d);

        private final int code;

        Operation(int code) {
            this.code = code;
        }

        /** Whether it moves bytes of a width that the instruction names. */
        boolean isAccess() {
            return switch (this) {
                case LDG, STG, LDGSTS, LDS, STS, LDL, STL -> true;
                case HMMA, LDSM, MUFU, FFMA, SHFL, BAR -> false;
            };
        }
    }

    /** How many. */
    public int of(Operation operation) {
        return byOperation.getOrDefault(operation, 0);
    }

    /** The share of an operation's accesses that are 16 bytes wide, 0 to 1; NaN where there is none. */
    public double wideShare(Operation... operations) {
        int all = 0;
        int broad = 0;
        for (Operation operation : operations) {
            all += of(operation);
            broad += wide.getOrDefault(operation, 0);
        }
        return (double) broad / all;
    }

    /** The kernels in an assembled program, an ELF file, by name. */
    static Map<String, SassCounts> ofProgram(byte[] elf) {
        ByteBuffer file = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
        int headers = Math.toIntExact(file.getLong(0x28));
        int size = file.getShort(0x3a);
        int count = file.getShort(0x3c);
        int names = Math.toIntExact(file.getLong(headers + file.getShort(0x3e) * size + 0x18));
        Map<String, SassCounts> kernels = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            int header = headers + i * size;
            String name = text(elf, names + file.getInt(header));
            if (name.startsWith(".text.")) {
                int start = Math.toIntExact(file.getLong(header + 0x18));
                int length = Math.toIntExact(file.getLong(header + 0x20));
                kernels.put(name.substring(".text.".length()), count(file, start, length));
            }
        }
        return kernels;
    }

    private static SassCounts count(ByteBuffer file, int start, int length) {
        Map<Operation, Integer> all = new EnumMap<>(Operation.class);
        Map<Operation, Integer> wide = new EnumMap<>(Operation.class);
        for (int at = start; at + BYTES <= start + length; at += BYTES) {
            int code = (int) file.getLong(at) & 0x1ff;
            boolean broad = (file.getLong(at + 8) >>> 9 & 7) == WIDE;
            // for sm_90 the assembler puts in loads that go nowhere, to register 255
            boolean nowhere = code == Operation.LDS.code && (file.getLong(at) >>> 16 & 0xff) == 0xff;
            for (Operation operation : Operation.values()) {
                if (operation.code == code && !nowhere) {
                    all.merge(operation, 1, Integer::sum);
                    if (broad && operation.isAccess()) {
                        wide.merge(operation, 1, Integer::sum);
                    }
                }
            }
        }
        return new SassCounts(Collections.unmodifiableMap(all), Collections.unmodifiableMap(wide));
    }

    private static String text(byte[] elf, int from) {
        int to = from;
        while (elf[to] != 0) {
            to++;
        }
        return new String(elf, from, to - from, StandardCharsets.UTF_8);
    }
}
