package mezzotint.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.kernel.cuda.CudaOptions;
import mezzotint.kernel.cuda.CudaOptions.Products;
import mezzotint.ptx.PtxMachine;
import mezzotint.ptx.PtxOptions;
import picocli.CommandLine.Option;

/** The options that choose a device. */
final class DeviceOptions {
    private static final String CPU = "cpu";
    private static final String PTX = "ptx";
    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,4}))?(?::(cublas|own))?");

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description =
                    "Where to compute: cpu (the best kernels there are; the default), or cpu:KERNELS with kernels by"
                        + " name: vector512, vector256, plain, onednn, onednn-bf16; cuda or cuda:N for an NVIDIA GPU,"
                        + " with :cublas or :own behind it to say by whose kernels matrices are multiplied; ptx runs"
                        + " the GPU's kernels in Java, slowly, for checking. `mezzotint doctor` says which of them run"
                        + " here.")
    private String name;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with (default: every processor). The result does not depend on it.")
    private int threads;

    /** Opens the device for work that takes a while; the caller closes it. */
    Device open() {
        return open(CpuOptions.Choice.BEST);
    }

    /** Opens the device for work that is done before a JIT compiler has warmed up, unless one was named. */
    Device openForLittle() {
        return open(CpuOptions.Choice.PLAIN);
    }

    private Device open(CpuOptions.Choice unnamed) {
        if (threads < 0 || threads > 1024) {
            throw new UserMistake("--threads wants 1 to 1024, got %d", threads);
        }
        Optional<CudaOptions> cuda = cuda();
        if (cuda.isPresent()) {
            return CudaDevice.open(cuda.get());
        }
        if (PTX.equals(name)) {
            PtxOptions options = PtxOptions.standard();
            return CudaDevice.on(new PtxMachine(threads == 0 ? options : options.withThreads(threads)));
        }
        CpuOptions options = CpuOptions.best().withChoice(name == null ? unnamed : choice());
        return CpuDevice.open(threads == 0 ? options : options.withThreads(threads));
    }

    /** The GPU that was named, if one was. */
    private Optional<CudaOptions> cuda() {
        Matcher parts = CUDA.matcher(name == null ? "" : name);
        if (!parts.matches()) {
            return Optional.empty();
        }
        int gpu = parts.group(1) == null ? 0 : Integer.parseInt(parts.group(1));
        Products products = switch (parts.group(2)) {
            case "cublas" -> Products.CUBLAS;
            case "own" -> Products.OWN;
            case null, default -> Products.BEST;
        };
        return Optional.of(CudaOptions.of(gpu).withProducts(products));
    }

    private CpuOptions.Choice choice() {
        return Arrays.stream(CpuOptions.Choice.values())
                .filter(choice -> name(choice).equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new UserMistake("device \"%s\" is not known; there are %s", name, String.join(", ", names())));
    }

    /** Every device's name. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (CpuOptions.Choice choice : CpuOptions.Choice.values()) {
            names.add(name(choice));
        }
        names.addAll(List.of("cuda", "cuda:N", "cuda:cublas", "cuda:own", "cuda:N:cublas", "cuda:N:own", PTX));
        return names;
    }

    private static String name(CpuOptions.Choice choice) {
        return choice == CpuOptions.Choice.BEST ? CPU : CPU + ":" + choice.label();
    }

    /** The options as they would be typed again; empty where they are as usual. */
    String typed() {
        return (name == null ? "" : " --device " + name) + (threads == 0 ? "" : " --threads " + threads);
    }
}
