package mezzotint.sampling;

import java.util.ArrayList;
import java.util.List;
import mezzotint.io.WeightsFolder;
import mezzotint.latent.ImageCodec;
import mezzotint.prx.DenoiserMemory;
import mezzotint.prx.PrxConfig;
import mezzotint.tensor.Shape;

/**
 * What the phases of drawing a request take.
 *
 * @param config of the denoiser
 * @param batch pictures, those of guidance counted too
 * @param cells of the denoised tensors, (B, C, height, width)
 * @param textTokens of the longest prompt
 * @param solver asks once or twice a step
 */
record PipelineMemory(PrxConfig config, int batch, Shape cells, int textTokens, Solver solver) {
    private static final long SMALL_TENSORS = 1L << 15;
    private static final long PICTURE_TENSORS = 4; // on the way between latents and pictures

    /** Bytes of the arena that a whole path takes. */
    long denoising() {
        DenoiserMemory count = new DenoiserMemory(config);
        long forward = count.forwardBytes(batch, cells.size(2), cells.size(3));
        long states = statesBesideForward() * cells.elements() * Float.BYTES;
        long prompts = (long) batch * textTokens * (config.contextDim() * (long) Float.BYTES + 1);
        return count.textBytes(batch, textTokens) + forward + states + prompts + SMALL_TENSORS;
    }

    /**
     * Tensors like the denoised one that there are while the network is asked for the last time in a step: x and what it was
     * before the step, with guidance both halves of the question; for a second question also what the first one left.
     */
    private int statesBesideForward() {
        boolean guided = batch > cells.size(0);
        int question = guided ? 2 : 0;
        int answered = guided ? 5 : 3; // outputs, guided, clean or velocity, next
        return 2 + question + (solver == Solver.HEUN ? answered + question : 0);
    }

    /** Bytes of the arena that turning pictures of that shape into latents takes. */
    static long encoding(ImageCodec codec, Shape pictures) {
        return codec.encodeBytes(pictures) + around(pictures);
    }

    /** Bytes of the arena that turning latents into pictures of that shape takes. */
    static long decoding(ImageCodec codec, Shape pictures) {
        return codec.decodeBytes(pictures) + around(pictures);
    }

    private static long around(Shape pictures) {
        return PICTURE_TENSORS * pictures.elements() * Float.BYTES + SMALL_TENSORS;
    }

    /** Bytes of a denoiser's weights: all of them, and those in memory at once when blocks are streamed. */
    static long[] weights(WeightsFolder files, int depth) {
        List<Long> blocks = new ArrayList<>(java.util.Collections.nCopies(Math.max(1, depth), 0L));
        long all = 0;
        for (var tensor : files.weights().tensors()) {
            long bytes = tensor.data().byteSize();
            all += bytes;
            String[] name = tensor.name().split("blocks\\.", 2);
            if (name.length == 2) {
                int block = Integer.parseInt(name[1].substring(0, name[1].indexOf('.')));
                blocks.set(block, blocks.get(block) + bytes);
            }
        }
        long inBlocks = blocks.stream().mapToLong(Long::longValue).sum();
        return new long[] {
            all,
            all - inBlocks + blocks.stream().mapToLong(Long::longValue).max().orElse(0)
        };
    }
}
