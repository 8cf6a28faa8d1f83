package mezzotint.ptx;

/** Moves one element of a load or a store between the bytes that an access has found and a register. */
final class Movers {
    private Movers() {}

    static Step load(int z, int offset, PtxType type, int registerBytes) {
        return switch (type.bytes) {
            case 4 -> loadInt(z, offset);
            case 2 ->
                type.signed() && registerBytes == 4
                        ? loadSmall(z, offset, (page, at) -> (short) Bytes.SHORT.get(page, at))
                        : loadSmall(z, offset, (page, at) -> (short) Bytes.SHORT.get(page, at) & 0xffff);
            default ->
                type.signed()
                        ? loadSmall(z, offset, (page, at) -> registerBytes == 4 ? page[at] : page[at] & 0xffff)
                        : loadSmall(z, offset, (page, at) -> page[at] & 0xff);
        };
    }

    private interface Small {
        int get(byte[] page, int at);
    }

    private static Step loadSmall(int z, int offset, Small small) {
        return (w, m) -> {
            int[] t = w.ints[z];
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                t[k] = small.get(w.pageOf(k), w.at[k] + offset);
            }
        };
    }

    private static Step loadInt(int z, int offset) {
        return (w, m) -> {
            int[] t = w.ints[z];
            int[] at = w.at;
            byte[] page = w.page;
            if (page != null && m == -1) {
                for (int k = 0; k < 32; k++) {
                    t[k] = (int) Bytes.INT.get(page, at[k] + offset);
                }
                return;
            }
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                t[k] = (int) Bytes.INT.get(w.pageOf(k), at[k] + offset);
            }
        };
    }

    static Step loadFloat(int z, int offset) {
        return (w, m) -> {
            float[] t = w.floats[z];
            int[] at = w.at;
            byte[] page = w.page;
            if (page != null && m == -1) {
                for (int k = 0; k < 32; k++) {
                    t[k] = (float) Bytes.FLOAT.get(page, at[k] + offset);
                }
                return;
            }
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                t[k] = (float) Bytes.FLOAT.get(w.pageOf(k), at[k] + offset);
            }
        };
    }

    static Step loadLong(int z, int offset) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                w.longs[z][k] = (long) Bytes.LONG.get(w.pageOf(k), w.at[k] + offset);
            }
        };
    }

    static Step loadDouble(int z, int offset) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                w.doubles[z][k] = (double) Bytes.DOUBLE.get(w.pageOf(k), w.at[k] + offset);
            }
        };
    }

    static Step store(int a, int offset, int bytes) {
        return switch (bytes) {
            case 4 -> storeInt(a, offset);
            case 2 ->
                (w, m) -> {
                    for (int rest = m; rest != 0; rest &= rest - 1) {
                        int k = Lanes.next(rest);
                        Bytes.SHORT.set(w.pageOf(k), w.at[k] + offset, (short) w.ints[a][k]);
                    }
                };
            default ->
                (w, m) -> {
                    for (int rest = m; rest != 0; rest &= rest - 1) {
                        int k = Lanes.next(rest);
                        w.pageOf(k)[w.at[k] + offset] = (byte) w.ints[a][k];
                    }
                };
        };
    }

    private static Step storeInt(int a, int offset) {
        return (w, m) -> {
            int[] from = w.ints[a];
            int[] at = w.at;
            byte[] page = w.page;
            if (page != null && m == -1) {
                for (int k = 0; k < 32; k++) {
                    Bytes.INT.set(page, at[k] + offset, from[k]);
                }
                return;
            }
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                Bytes.INT.set(w.pageOf(k), at[k] + offset, from[k]);
            }
        };
    }

    static Step storeFloat(int a, int offset) {
        return (w, m) -> {
            float[] from = w.floats[a];
            int[] at = w.at;
            byte[] page = w.page;
            if (page != null && m == -1) {
                for (int k = 0; k < 32; k++) {
                    Bytes.FLOAT.set(page, at[k] + offset, from[k]);
                }
                return;
            }
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                Bytes.FLOAT.set(w.pageOf(k), at[k] + offset, from[k]);
            }
        };
    }

    static Step storeLong(int a, int offset) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                Bytes.LONG.set(w.pageOf(k), w.at[k] + offset, w.longs[a][k]);
            }
        };
    }

    static Step storeDouble(int a, int offset) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                Bytes.DOUBLE.set(w.pageOf(k), w.at[k] + offset, w.doubles[a][k]);
            }
        };
    }
}
