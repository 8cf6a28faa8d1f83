package mezzotint.ptx;

/** Sums and products that read or write the carry flag, one bit a lane. */
final class CarryDecoder {
    private CarryDecoder() {}

    /**
     * How the flag is used.
     *
     * @param subtract whether it is a borrow
     */
    private record Flag(boolean subtract, boolean in, boolean out) {

        void add(Warp w, int k, int z, int x, int y) {
            long carry = in ? w.carry >>> k & 1 : 0;
            long left = x & 0xffffffffL;
            long right = y & 0xffffffffL;
            long sum = subtract ? left - right - carry : left + right + carry;
            w.ints[z][k] = (int) sum;
            set(w, k, (sum >>> 32 & 1) != 0);
        }

        void add(Warp w, int k, int z, long x, long y) {
            long carry = in ? w.carry >>> k & 1 : 0;
            long first = subtract ? x - y : x + y;
            boolean over = subtract ? Long.compareUnsigned(x, y) < 0 : Long.compareUnsigned(first, x) < 0;
            long sum = subtract ? first - carry : first + carry;
            over |= subtract ? Long.compareUnsigned(first, carry) < 0 : Long.compareUnsigned(sum, first) < 0;
            w.longs[z][k] = sum;
            set(w, k, over);
        }

        private void set(Warp w, int k, boolean carry) {
            if (out) {
                w.carry = carry ? w.carry | 1 << k : w.carry & ~(1 << k);
            }
        }
    }

    /** {@code add.cc}, {@code addc}, {@code addc.cc} and the same for differences. */
    static Step sum(Opcode op, Operands args, PtxType type, boolean carryIn) {
        args.expect(3);
        boolean out = !carryIn || op.take("cc");
        var flag = new Flag(op.name.startsWith("sub"), carryIn, out);
        if (type.bytes == 8) {
            return wide(args, flag);
        }
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        int b = args.intIn(2, type);
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                flag.add(w, k, z, w.ints[a][k], w.ints[b][k]);
            }
        };
    }

    private static Step wide(Operands args, Flag flag) {
        int z = args.longOut(0);
        int a = args.longIn(1);
        int b = args.longIn(2);
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                flag.add(w, k, z, w.longs[a][k], w.longs[b][k]);
            }
        };
    }

    /** {@code madc}. */
    static Step product(Opcode op, Operands args, PtxType type, boolean carryIn) {
        boolean high = op.takeOne("lo", "hi").equals("hi");
        return product(op, args, type, high, carryIn);
    }

    /** {@code mad.cc}, {@code madc} and {@code madc.cc}. */
    static Step product(Opcode op, Operands args, PtxType type, boolean high, boolean carryIn) {
        args.expect(4);
        var flag = new Flag(false, carryIn, !carryIn || op.take("cc"));
        boolean signed = type.signed();
        if (type.bytes == 8) {
            int z = args.longOut(0);
            int a = args.longIn(1);
            int b = args.longIn(2);
            int c = args.longIn(3);
            return (w, m) -> {
                for (int rest = m; rest != 0; rest &= rest - 1) {
                    int k = Lanes.next(rest);
                    long x = w.longs[a][k];
                    long y = w.longs[b][k];
                    long part = high ? IntegerDecoder.highWord(x, y, signed) : x * y;
                    flag.add(w, k, z, part, w.longs[c][k]);
                }
            };
        }
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        int b = args.intIn(2, type);
        int c = args.intIn(3, type);
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                int x = w.ints[a][k];
                int y = w.ints[b][k];
                int part = high ? IntegerDecoder.highWord(x, y, signed) : x * y;
                flag.add(w, k, z, part, w.ints[c][k]);
            }
        };
    }
}
