package mezzotint.text;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import mezzotint.io.SafeTensor;
import mezzotint.io.StoredType;
import mezzotint.tensor.BFloat16;

/** Rows of a large table, read from the mapped file when asked for: of 120 thousand word pieces a run needs a few hundred. */
final class EmbeddingRows {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SafeTensor table;
    private final int width;
    private final boolean narrow;

    /** @param table (V, D) of F32 or BF16 */
    EmbeddingRows(SafeTensor table) {
        if (table.type() != StoredType.F32 && table.type() != StoredType.BF16) {
            throw new IllegalArgumentException(
                    "%s is of %s, expected F32 or BF16; convert the model again".formatted(table.name(), table.type()));
        }
        this.table = table;
        this.width = table.shape().size(1);
        this.narrow = table.type() == StoredType.BF16;
    }

    /** <pre>target[at … at + D) += table[row]</pre> */
    void addRow(int row, float[] target, int at) {
        long first = (long) row * width;
        for (int j = 0; j < width; j++) {
            target[at + j] += narrow
                    ? BFloat16.toFloat(table.data().get(SHORT, (first + j) * Short.BYTES))
                    : table.data().get(FLOAT, (first + j) * Float.BYTES);
        }
    }
}
