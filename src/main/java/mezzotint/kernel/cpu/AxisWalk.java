package mezzotint.kernel.cpu;

/**
 * The axes of a permuted tensor, slowest first: how long they are, and how far apart their elements lie in the original.
 *
 * <p>Axes of one element are left out, and neighbours that are neighbours in the original too are one.
 *
 * @param sizes of the axes of the result
 * @param strides elements of the original
 */
record AxisWalk(int[] sizes, long[] strides) {

    /** Axis i of the result is axis {@code order[i]} of a dense original of {@code dims}; at least one axis is left. */
    static AxisWalk of(long[] dims, int... order) {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dims[i];
        }
        int[] sizes = new int[dims.length + 1];
        long[] kept = new long[dims.length + 1];
        int count = 0;
        for (int axis : order) {
            if (count > 0 && kept[count - 1] == strides[axis] * dims[axis]) {
                sizes[count - 1] = Math.toIntExact(sizes[count - 1] * dims[axis]);
                kept[count - 1] = strides[axis];
            } else if (dims[axis] != 1) {
                sizes[count] = Math.toIntExact(dims[axis]);
                kept[count] = strides[axis];
                count++;
            }
        }
        if (count == 0) {
            return new AxisWalk(new int[] {1}, new long[] {1});
        }
        return new AxisWalk(java.util.Arrays.copyOf(sizes, count), java.util.Arrays.copyOf(kept, count));
    }

    /** The last axis. */
    int last() {
        return sizes.length - 1;
    }

    /** The axis that is the original's last. */
    int inner() {
        int inner = last();
        for (int axis = 0; axis < sizes.length; axis++) {
            inner = strides[axis] < strides[inner] ? axis : inner;
        }
        return inner;
    }

    /** Elements from one place of an axis of the result to the next. */
    long targetStride(int axis) {
        long stride = 1;
        for (int i = last(); i > axis; i--) {
            stride *= sizes[i];
        }
        return stride;
    }

    /** Places of all axes but two. */
    int outer(int one, int other) {
        int count = 1;
        for (int axis = 0; axis < sizes.length; axis++) {
            count = axis == one || axis == other ? count : Math.multiplyExact(count, sizes[axis]);
        }
        return count;
    }

    /** Where the {@code index}-th place of all axes but two begins: {in the original, in the result}. */
    long[] begin(int index, int one, int other) {
        long source = 0;
        long target = 0;
        long rest = index;
        for (int axis = last(); axis >= 0; axis--) {
            if (axis != one && axis != other) {
                source += rest % sizes[axis] * strides[axis];
                target += rest % sizes[axis] * targetStride(axis);
                rest /= sizes[axis];
            }
        }
        return new long[] {source, target};
    }
}
