package mezzotint.autograd;

import java.util.Arrays;
import java.util.IdentityHashMap;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** Where a tape adds up the gradients of its tensors: one float32 tensor for each root, opened when it is first asked for. */
final class GradientSlots {
    private final Tape tape;
    private final TensorArena arena;
    private final IdentityHashMap<Tensor, Tensor> slots = new IdentityHashMap<>();

    GradientSlots(Tape tape, TensorArena arena) {
        this.tape = tape;
        this.arena = arena;
    }

    /** The slot of a root; null when nothing has asked for it. */
    Tensor get(Tensor root) {
        return slots.get(root);
    }

    /** The gradient of a tensor that the tape keeps, to add into; zero at first. */
    Tensor of(Tensor x) {
        return view(x, slots.computeIfAbsent(x.root(), root -> arena.zeros(root.shape(), DType.F32)));
    }

    /**
     * The gradients of an operation's inputs if nobody has added into any of them yet: with undefined contents, to be overwritten
     * whole, which saves both the zeros and reading them again.
     *
     * @param inputs tensors or null
     * @return one for each input, null where it needs none; or null when one has to be added into, as when a tensor comes twice
     */
    Tensor[] unwritten(Tensor... inputs) {
        Tensor[] wanted = Arrays.stream(inputs)
                .filter(x -> x != null && tape.needsGradient(x))
                .toArray(Tensor[]::new);
        boolean distinct = Arrays.stream(wanted).map(Tensor::root).distinct().count() == wanted.length;
        if (!distinct || !Arrays.stream(wanted).allMatch(this::isUnwritten)) {
            return null;
        }
        for (Tensor x : wanted) {
            slots.put(x.root(), arena.allocate(x.root().shape(), DType.F32));
        }
        return Arrays.stream(inputs).map(tape::slot).toArray(Tensor[]::new);
    }

    private boolean isUnwritten(Tensor x) {
        Tensor root = x.root();
        return x.shape().elements() == root.shape().elements() && tape.keeps(root) && !slots.containsKey(root);
    }

    private static Tensor view(Tensor x, Tensor slot) {
        return x.root() == x ? slot : x.sameViewOf(slot);
    }
}
