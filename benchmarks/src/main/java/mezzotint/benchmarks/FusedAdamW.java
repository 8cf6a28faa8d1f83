package mezzotint.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Collection;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRef;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * {@code torch.optim.AdamW(fused=True)}: libtorch's one-pass update, which its C++ optimiser does not use and the Java
 * bindings do not show, called by its symbol.
 */
final class FusedAdamW {
    private static final String SYMBOL =
            "_ZN2at4_ops13_fused_adamw_4callEN3c108ArrayRefINS_6TensorEEES5_S5_S5_S5_S5_dddddbbRKSt8optionalIS4_ES9_";
    private static final MemoryLayout LIST = MemoryLayout.structLayout(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);

    private final MethodHandle call;
    private final TensorVector parameters = new TensorVector();
    private final TensorVector means = new TensorVector();
    private final TensorVector squares = new TensorVector();
    private final TensorVector steps = new TensorVector();
    private final TensorOptional none = new TensorOptional();

    FusedAdamW(Collection<Tensor> weights) {
        for (Tensor weight : weights) {
            parameters.push_back(weight);
            means.push_back(torch.zeros_like(weight));
            squares.push_back(torch.zeros_like(weight));
            steps.push_back(Tensor.create(new float[1], new long[0]));
        }
        FunctionDescriptor type = FunctionDescriptor.ofVoid(
                LIST,
                LIST,
                LIST,
                LIST,
                LIST,
                LIST,
                ValueLayout.JAVA_DOUBLE,
                ValueLayout.JAVA_DOUBLE,
                ValueLayout.JAVA_DOUBLE,
                ValueLayout.JAVA_DOUBLE,
                ValueLayout.JAVA_DOUBLE,
                ValueLayout.JAVA_BOOLEAN,
                ValueLayout.JAVA_BOOLEAN,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS);
        Path library = Path.of(Loader.load(torch.class)).resolveSibling("libtorch_cpu.so");
        MemorySegment symbol =
                SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow(SYMBOL);
        call = Linker.nativeLinker().downcallHandle(symbol, type);
    }

    /** One update from the parameters' gradients, which are then dropped. */
    void step(double rate, double beta1, double beta2, double eps, double decay) {
        TensorVector gradients = new TensorVector();
        for (long i = 0; i < parameters.size(); i++) {
            gradients.push_back(parameters.get(i).grad());
            steps.get(i).add_(new Scalar(1.0));
        }
        try (Arena arena = Arena.ofConfined()) {
            call.invokeExact(
                    list(arena, parameters),
                    list(arena, gradients),
                    list(arena, means),
                    list(arena, squares),
                    arena.allocate(LIST),
                    list(arena, steps),
                    rate,
                    beta1,
                    beta2,
                    decay,
                    eps,
                    false,
                    false,
                    address(none),
                    address(none));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        for (long i = 0; i < parameters.size(); i++) {
            parameters.get(i).mutable_grad().reset();
        }
    }

    private static MemorySegment list(Arena arena, TensorVector tensors) {
        TensorArrayRef ref = new TensorArrayRef(tensors);
        return arena.allocate(LIST).copyFrom(address(ref).reinterpret(LIST.byteSize()));
    }

    private static MemorySegment address(Pointer pointer) {
        return MemorySegment.ofAddress(pointer.address());
    }
}
