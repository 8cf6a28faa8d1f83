package mezzotint.ptx;

import java.util.List;
import java.util.Map;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.cuda.CudaFunction;
import mezzotint.kernel.cuda.CudaModule;

/** The kernels of one PTX text on one machine. */
public final class PtxModule implements CudaModule {
    private final String name;
    private final PtxMachine machine;
    private final Map<String, Kernel> kernels;

    PtxModule(String name, PtxMachine machine, Map<String, Kernel> kernels) {
        this.name = name;
        this.machine = machine;
        this.kernels = kernels;
    }

    @Override
    public String name() {
        return name;
    }

    /** The machine it was loaded on. */
    public PtxMachine machine() {
        return machine;
    }

    /** The names of its kernels, in the order of the text. */
    public List<String> entries() {
        return List.copyOf(kernels.keySet());
    }

    @Override
    public CudaFunction function(String entry) {
        Kernel kernel = kernels.get(entry);
        if (kernel == null) {
            throw new CudaException(
                    "%s.ptx: no entry %s; it has %s".formatted(name, entry, String.join(", ", kernels.keySet())));
        }
        return kernel;
    }
}
