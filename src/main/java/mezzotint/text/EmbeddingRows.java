package mezzotint.text;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import mezzotint.io.SafeTensor;
import mezzotint.io.StoredType;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;

/** Rows of a large table, read from the mapped file when asked for: of 120 thousand word pieces a run needs a few hundred. */
final class EmbeddingRows {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SafeTensor table;
    private final int width;
    private final boolean rounded;

    /** @param table (V, D) of F32, BF16 or F16 */
    EmbeddingRows(SafeTensor table) {
        this(table, Optional.empty());
    }

    /** @param type to round elements to; empty to keep them as they are stored */
    EmbeddingRows(SafeTensor table, Optional<DType> type) {
        if (table.type() != StoredType.F32 && table.type() != StoredType.BF16 && table.type() != StoredType.F16) {
            throw new IllegalArgumentException("%s is of %s, expected F32, BF16 or F16; convert the model again"
                    .formatted(table.name(), table.type()));
        }
        this.table = table;
        this.width = table.shape().size(1);
        this.rounded = type.isPresent() && type.get() == DType.BF16;
    }

    /** <pre>target[at … at + D) += table[row]</pre> */
    void addRow(int row, float[] target, int at) {
        long first = (long) row * width;
        for (int j = 0; j < width; j++) {
            float value = element(first + j);
            target[at + j] += rounded ? BFloat16.toFloat(BFloat16.fromFloat(value)) : value;
        }
    }

    private float element(long index) {
        return switch (table.type()) {
            case BF16 -> BFloat16.toFloat(table.data().get(SHORT, index * Short.BYTES));
            case F16 -> Float.float16ToFloat(table.data().get(SHORT, index * Short.BYTES));
            default -> table.data().get(FLOAT, index * Float.BYTES);
        };
    }
}
