package mezzotint.kernel.evidence;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.ptx.PtxProgram;

/** The PTX in the jar. */
public final class ShippedKernels {
    private static final String FOLDER = "/mezzotint/cuda/";

    private ShippedKernels() {}

    /** The stems of all PTX files, in order. */
    public static List<String> stems() {
        return List.of(
                "activation",
                "ada_layer_norm",
                "attention",
                "convolution",
                "cosine_similarity",
                "flow_match",
                "geglu",
                "group_norm",
                "layer_norm",
                "layout",
                "matmul",
                "muon",
                "pointwise",
                "pooling",
                "qk_norm",
                "resample",
                "rms_norm",
                "rope",
                "softmax",
                "tokens",
                "update");
    }

    /** The text of a PTX file. */
    public static String ptx(String stem) {
        String resource = FOLDER + stem + ".ptx";
        try (InputStream in = ShippedKernels.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new CudaException("no kernels %s in the jar; build it again".formatted(resource));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names of a file's kernels, in its order. */
    public static List<String> entries(String stem) {
        return PtxProgram.parse(stem, ptx(stem)).entries();
    }

    /** The names of all kernels in all files, in the files' order. */
    public static List<String> entries() {
        return stems().stream().flatMap(stem -> entries(stem).stream()).toList();
    }
}
