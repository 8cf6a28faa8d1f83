package mezzotint.ptx;

import java.util.List;

/** {@code ldmatrix} and {@code mma.sync}. */
final class MatrixDecoder {
    private MatrixDecoder() {}

    static Step ldmatrix(Opcode op, Operands args) {
        op.takeOne("sync");
        op.takeOne("aligned");
        op.takeOne("m8n8");
        int count = op.takeOne("x1", "x2", "x4").charAt(1) - '0';
        boolean transposed = op.take("trans");
        op.takeOne("shared", "shared::cta");
        if (op.takeType() != PtxType.B16) {
            throw op.unknown("only .b16");
        }
        args.expect(2);
        List<Operand> targets = args.elements(0);
        if (targets.size() != count) {
            throw op.unknown("%d registers for %d matrices".formatted(targets.size(), count));
        }
        int[] z = targets.stream().mapToInt(t -> args.intOut(t, PtxType.B32)).toArray();
        Access access = MemoryDecoder.access(args, 1, Access.Space.SHARED, 16, Sanitizer.Mode.READ);
        int lanes = count == 4 ? -1 : (1 << 8 * count) - 1;
        Step move = (w, _) -> {
            for (int q = 0; q < count; q++) {
                if (transposed) {
                    transposed(w.page, w.at, 8 * q, w.ints[z[q]]);
                } else {
                    rows(w.page, w.at, 8 * q, w.ints[z[q]]);
                }
            }
        };
        return (w, m) -> access.run(w, lanes & m, move);
    }

    /** Lane l gets elements 2(l%4) and the next of row l/4. */
    private static void rows(byte[] page, int[] at, int first, int[] z) {
        for (int l = 0; l < 32; l++) {
            z[l] = (int) Bytes.INT.get(page, at[first + (l >> 2)] + 4 * (l & 3));
        }
    }

    /** Lane l gets element l/4 of rows 2(l%4) and the next. */
    private static void transposed(byte[] page, int[] at, int first, int[] z) {
        for (int l = 0; l < 32; l++) {
            int column = 2 * (l >> 2);
            int row = first + 2 * (l & 3);
            int low = (short) Bytes.SHORT.get(page, at[row] + column) & 0xffff;
            int high = (short) Bytes.SHORT.get(page, at[row + 1] + column);
            z[l] = low | high << 16;
        }
    }

    static Step mma(Opcode op, Operands args) {
        op.takeOne("sync");
        op.takeOne("aligned");
        String shape = op.takeOne("m16n8k16", "m16n8k8", "m16n8k4");
        op.takeOne("row");
        op.takeOne("col");
        PtxType c = op.takeType();
        PtxType b = op.takeType();
        PtxType a = op.takeType();
        PtxType d = op.takeType();
        if (a != b || c != PtxType.F32 || d != PtxType.F32) {
            throw op.unknown("only f32 accumulators, and factors of one type");
        }
        boolean pairs = a == PtxType.BF16 || a == PtxType.F16;
        if (!pairs && a != PtxType.TF32) {
            throw op.unknown("factors of " + a.word());
        }
        int depth = Integer.parseInt(shape.substring(shape.indexOf('k') + 1));
        if (depth == 16 && !pairs || depth == 4 && pairs) {
            throw op.unknown("no such shape for " + a.word());
        }
        args.expect(4);
        int[] z = floats(args, 0, true);
        int[] x = ints(args, 1);
        int[] y = ints(args, 2);
        int[] v = floats(args, 3, false);
        int perRegister = pairs ? 2 : 1;
        if (z.length != 4
                || v.length != 4
                || x.length * 8 * perRegister * 4 != 16 * depth
                || y.length * 2 != x.length) {
            throw op.unknown("wrong number of registers");
        }
        return new MatrixProduct(a, depth, z, x, y, v);
    }

    private static int[] floats(Operands args, int k, boolean out) {
        return args.elements(k).stream()
                .mapToInt(each -> out ? args.floatOut(each) : args.floatIn(each))
                .toArray();
    }

    private static int[] ints(Operands args, int k) {
        return args.elements(k).stream()
                .mapToInt(each -> args.intIn(each, PtxType.B32))
                .toArray();
    }
}
