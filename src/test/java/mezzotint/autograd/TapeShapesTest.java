package mezzotint.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.kernel.AttentionInputs;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the tape says when shapes or types do not fit. */
class TapeShapesTest {
    /** An operation that must be refused. */
    private interface Wrong {
        void run(Tape tape);
    }

    private static Tensor f(Tape tape, long... dims) {
        return tape.allocate(dims);
    }

    private static Tensor i(Tape tape, long... dims) {
        return tape.allocate(Shape.of(dims), DType.I32);
    }

    private static Parameter p(Tape tape, String name, long... dims) {
        return Parameter.frozen(name, tape.allocate(dims));
    }

    private static AttentionInputs attention(Tape t, Tensor textKeys, Tensor textValues, Tensor mask) {
        return new AttentionInputs(f(t, 2, 2, 3, 4), textKeys, textValues, f(t, 2, 2, 3, 4), f(t, 2, 2, 3, 4), mask, 1);
    }

    private static Map<String, Wrong> messages() {
        Map<String, Wrong> m = new LinkedHashMap<>();
        m.put(
                "linear w: x (2, 3), weight (4, 5); expected the last axis of x to be the last of the weight",
                t -> t.linear(f(t, 2, 3), p(t, "w", 4, 5)));
        m.put("linear w: bias (3), expected (4)", t -> t.linear(f(t, 2, 5), p(t, "w", 4, 5), p(t, "b", 3)));
        m.put("linear w: x is of I32, expected [F32, BF16]", t -> t.linear(i(t, 2, 5), p(t, "w", 4, 5)));
        m.put("weightedSum: x (3), weights (4)", t -> t.weightedSum(f(t, 3), f(t, 4)));
        m.put(
                "attention: keys (2, 2, 3, 5), expected (2, 2, 3, 4)",
                t -> t.attention(new AttentionInputs(
                        f(t, 2, 2, 3, 4), null, null, f(t, 2, 2, 3, 5), f(t, 2, 2, 3, 5), null, 1)));
        m.put(
                "attention: values (2, 2, 4, 4), expected the shape of keys (2, 2, 3, 4)",
                t -> t.attention(new AttentionInputs(
                        f(t, 2, 2, 3, 4), null, null, f(t, 2, 2, 3, 4), f(t, 2, 2, 4, 4), null, 1)));
        m.put(
                "attention: text keys and text values go together, one is missing",
                t -> t.attention(attention(t, f(t, 2, 2, 5, 4), null, null)));
        m.put(
                "attention: text keys (1, 2, 5, 4), expected (2, 2, 5, 4)",
                t -> t.attention(attention(t, f(t, 1, 2, 5, 4), f(t, 1, 2, 5, 4), null)));
        m.put(
                "attention: text mask (2, 4), expected (2, 5)",
                t -> t.attention(
                        attention(t, f(t, 2, 2, 5, 4), f(t, 2, 2, 5, 4), t.allocate(Shape.of(2, 4), DType.BOOL))));
        m.put(
                "attention: text mask is of F32, expected [U8, BOOL]",
                t -> t.attention(attention(t, f(t, 2, 2, 5, 4), f(t, 2, 2, 5, 4), f(t, 2, 5))));
        m.put(
                "heads: HeadLayout[column=2, heads=2, width=4] reaches beyond the columns of x (1, 3, 9)",
                t -> t.heads(f(t, 1, 3, 9), new HeadLayout(2, 2, 4)));
        m.put(
                "heads: scale (3), expected (4)",
                t -> t.heads(f(t, 1, 3, 8), new HeadLayout(0, 2, 4), p(t, "s", 3), 1e-6f));
        m.put("heads: column -1, 2 heads of 4 columns", t -> new HeadLayout(-1, 2, 4));
        m.put("rope: table (1, 4, 2, 2), expected (1, 3, 2, 2)", t -> t.rope(f(t, 2, 2, 3, 4), f(t, 1, 4, 2, 2)));
        m.put("rope: head width 5 is odd, pairs are rotated", t -> t.rope(f(t, 2, 2, 3, 5), f(t, 1, 3, 2, 2)));
        m.put(
                "adaLayerNorm: shift (2, 5), expected (2, 4)",
                t -> t.adaLayerNorm(f(t, 2, 3, 4), f(t, 2, 5), f(t, 2, 4), 1e-6f));
        m.put("rmsNorm: scale (3), expected (4)", t -> t.rmsNorm(f(t, 2, 4), p(t, "s", 3), 1e-6f));
        m.put("geglu: up (2, 3), expected the shape of gate (2, 4)", t -> t.geglu(f(t, 2, 4), f(t, 2, 3)));
        m.put("silu: input is of I32, expected [F32]", t -> t.silu(i(t, 2)));
        m.put("gelu: input is of I32, expected [F32]", t -> t.gelu(i(t, 2)));
        m.put("scale: input is of I32, expected [F32]", t -> t.scale(i(t, 2), 2));
        m.put("add: b (3, 2), expected the shape of a (2, 3)", t -> t.add(f(t, 2, 3), f(t, 3, 2)));
        m.put(
                "gatedResidual: gate (2, 3), expected (2, 4)",
                t -> t.gatedResidual(f(t, 2, 3, 4), f(t, 2, 3), f(t, 2, 3, 4)));
        m.put("sinusoid: x (2, 3), expected 1 axis", t -> t.sinusoid(f(t, 2, 3), 8, 1, 10));
        m.put("chunk: x (2, 5) cannot be cut into 2 equal parts", t -> t.chunk(f(t, 2, 5), 2));
        m.put(
                "patchify: image (1, 3, 4, 5), expected (B, C, height, width) with sides that are multiples of the"
                        + " patch 2",
                t -> t.patchify(f(t, 1, 3, 4, 5), 2));
        m.put(
                "unpatchify: tokens (1, 4, 11), expected (1, 4, 12)",
                t -> t.unpatchify(f(t, 1, 4, 11), Shape.of(1, 3, 4, 4), 2));
        m.put("concatenate: e (2, 3, 5), expected (2, 3, 4)", t -> t.concatenate(f(t, 2, 2, 4), f(t, 2, 3, 5)));
        m.put("gather: index (1, 2), expected (2, 2)", t -> t.gather(f(t, 2, 3, 4), i(t, 1, 2)));
        m.put("gather: index is of F32, expected [I32]", t -> t.gather(f(t, 2, 3, 4), f(t, 2, 2)));
        m.put("scatter: index (2, 3), expected (2, 2)", t -> t.scatter(f(t, 2, 2, 4), i(t, 2, 3), 5));
        m.put("embed: index is of F32, expected [I32]", t -> t.embed(p(t, "table", 5, 4), f(t, 2)));
        m.put("combine: coefficients (2, 2), expected (2, 3)", t -> t.combine(f(t, 2, 4), f(t, 2, 4), f(t, 2, 2)));
        m.put(
                "meanSquare: target (2, 3), expected the shape of prediction (2, 4)",
                t -> t.meanSquare(f(t, 2, 4), f(t, 2, 3)));
        m.put("backward: loss (2), expected one element", t -> t.backward(f(t, 2)));
        m.put("backward: gradient (3), expected the shape of output (2)", t -> t.backward(f(t, 2), f(t, 3)));
        m.put("parameter w: value (2), gradient (3)", t -> Parameter.trainable("w", f(t, 2), f(t, 3)));
        return m;
    }

    @TestFactory
    Stream<DynamicTest> namesWhatDoesNotFit() {
        return messages().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    TestDevice device = new TestDevice();
                    try (TensorArena activations = device.arena(1 << 20);
                            TensorArena gradients = device.arena(1 << 20);
                            Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                        var e = assertThrows(
                                ShapeMismatchException.class,
                                () -> entry.getValue().run(tape));
                        assertEquals(entry.getKey(), e.getMessage());
                    }
                }));
    }

    @Test
    void anInferenceTapeCannotGoBack() {
        TestDevice device = new TestDevice();
        try (TensorArena arena = device.arena(1 << 20);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            var e = assertThrows(IllegalStateException.class, () -> tape.backward(tape.allocate(1)));
            assertEquals("backward: this tape does not record; open it with Tape.recording", e.getMessage());
        }
    }
}
