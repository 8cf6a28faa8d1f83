package mezzotint.io;

import java.util.Optional;
import mezzotint.tensor.DType;

/** Element types the safetensors format knows; the constants' names are those in the file. */
public enum StoredType {
    BOOL(8),
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    C64(64),
    F64(64),
    I64(64),
    U64(64);

    private final int bits;

    StoredType(int bits) {
        this.bits = bits;
    }

    /** Bits an element takes: 4, 6, 8, 16, 32 or 64. */
    public int bits() {
        return bits;
    }

    /** The type of a tensor that can hold such elements; empty for the types Mezzotint does not compute with. */
    public Optional<DType> dtype() {
        return switch (this) {
            case F64 -> Optional.of(DType.F64);
            case F32 -> Optional.of(DType.F32);
            case F16 -> Optional.of(DType.F16);
            case BF16 -> Optional.of(DType.BF16);
            case I64 -> Optional.of(DType.I64);
            case I32 -> Optional.of(DType.I32);
            case I16 -> Optional.of(DType.I16);
            case I8 -> Optional.of(DType.I8);
            case U8 -> Optional.of(DType.U8);
            case BOOL -> Optional.of(DType.BOOL);
            case F4, F6_E2M3, F6_E3M2, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, U16, U32, C64, U64 ->
                Optional.empty();
        };
    }

    /**
     * The stored type of a tensor's elements.
     *
     * @param dtype the tensor's type
     */
    public static StoredType of(DType dtype) {
        return valueOf(dtype.name());
    }

    /**
     * The type of that name, case and all; empty where the format knows none.
     *
     * @param name as in the file, such as {@code BF16}
     */
    static Optional<StoredType> named(String name) {
        for (StoredType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
