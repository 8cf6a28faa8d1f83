package mezzotint.ptx;

import java.util.Locale;
import java.util.Optional;

/** The fundamental types of PTX. */
enum PtxType {
    PRED(0, Kind.BITS),
    B8(1, Kind.BITS),
    U8(1, Kind.UNSIGNED),
    S8(1, Kind.SIGNED),
    B16(2, Kind.BITS),
    U16(2, Kind.UNSIGNED),
    S16(2, Kind.SIGNED),
    F16(2, Kind.FLOAT),
    BF16(2, Kind.FLOAT),
    B32(4, Kind.BITS),
    U32(4, Kind.UNSIGNED),
    S32(4, Kind.SIGNED),
    F32(4, Kind.FLOAT),
    TF32(4, Kind.FLOAT),
    F16X2(4, Kind.FLOAT),
    BF16X2(4, Kind.FLOAT),
    B64(8, Kind.BITS),
    U64(8, Kind.UNSIGNED),
    S64(8, Kind.SIGNED),
    F64(8, Kind.FLOAT);

    private enum Kind {
        BITS,
        UNSIGNED,
        SIGNED,
        FLOAT
    }

    final int bytes;
    private final Kind kind;

    PtxType(int bytes, Kind kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    /** The type of a word like {@code u32}. */
    static Optional<PtxType> of(String word) {
        for (PtxType type : values()) {
            if (type.word().equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean signed() {
        return kind == Kind.SIGNED;
    }

    boolean floating() {
        return kind == Kind.FLOAT;
    }

    /** Whether values of it live in registers for float32, float64, 64-bit or up to 32-bit integers, or predicates. */
    RegisterFile file() {
        return switch (this) {
            case PRED -> RegisterFile.PREDICATE;
            case F32 -> RegisterFile.FLOAT;
            case F64 -> RegisterFile.DOUBLE;
            case B64, U64, S64 -> RegisterFile.LONG;
            default -> RegisterFile.INT;
        };
    }
}
