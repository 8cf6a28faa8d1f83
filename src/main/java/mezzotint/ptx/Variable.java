package mezzotint.ptx;

/** A declared span of memory; compared by identity, since two scopes may use one name. */
final class Variable {
    private final String name;
    private final String space;
    private final int align;
    private final long bytes;
    private final byte[] values;

    /**
     * @param space {@code global}, {@code const}, {@code shared}, {@code local} or {@code param}
     * @param bytes its size; 0 for an {@code extern} shared array, whose size the launch decides
     * @param values its first bytes; the rest is zero
     */
    Variable(String name, String space, int align, long bytes, byte[] values) {
        this.name = name;
        this.space = space;
        this.align = align;
        this.bytes = bytes;
        this.values = values;
    }

    String name() {
        return name;
    }

    String space() {
        return space;
    }

    int align() {
        return align;
    }

    long bytes() {
        return bytes;
    }

    byte[] values() {
        return values;
    }

    boolean dynamic() {
        return space.equals("shared") && bytes == 0;
    }
}
