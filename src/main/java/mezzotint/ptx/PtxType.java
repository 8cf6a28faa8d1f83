package mezzotint.ptx;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

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

    private static final Map<String, PtxType> BY_WORD =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(PtxType::word, type -> type));

    final int bytes;
    private final Kind kind;
    private final String word = name().toLowerCase(Locale.ROOT);

    PtxType(int bytes, Kind kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    /** The type of a word like {@code u32}. */
    static Optional<PtxType> of(String word) {
        return Optional.ofNullable(BY_WORD.get(word));
    }

    String word() {
        return word;
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
