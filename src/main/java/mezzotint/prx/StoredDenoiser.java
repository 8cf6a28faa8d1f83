package mezzotint.prx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.io.SafeTensor;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.TensorArena;

/**
 * The denoiser of a folder, its weights read where their files are mapped; a device with a memory of its own gets a copy.
 *
 * <p>Opening costs the reading of headers only. Pages of the files come into memory when a product reads them, and stay, or
 * are let go block by block: then the weights take no more of this process's memory than one block and what lies before the
 * blocks, and are read again at every step, from the system's cache of the file as long as that holds them.
 */
public final class StoredDenoiser implements AutoCloseable {
    /** What becomes of a block's pages when it has run. */
    public enum Residency {
        /** They stay in memory. */
        RESIDENT,
        /** They are let go. */
        STREAMED
    }

    private final WeightsFolder folder;
    private final TensorArena copies;
    private final PrxDenoiser denoiser;
    private final List<List<SafeTensor>> blocks;

    private StoredDenoiser(
            WeightsFolder folder, TensorArena copies, PrxDenoiser denoiser, List<List<SafeTensor>> blocks) {
        this.folder = folder;
        this.copies = copies;
        this.denoiser = denoiser;
        this.blocks = blocks;
    }

    /**
     * Opens a folder with {@code config.json} and weights, under the names of diffusers or of the training code.
     *
     * @throws mezzotint.tensor.ShapeMismatchException when a tensor is missing, unknown or of another shape
     * @throws InvalidPrxConfigException when the configuration is none of a denoiser
     * @throws RuntimeException of {@link WeightsFolder#open}
     */
    public static StoredDenoiser open(Device device, Path path, Residency residency) {
        WeightsFolder folder = WeightsFolder.open(path);
        TensorArena copies = null;
        try {
            NamedTensors source = new CheckpointNames(new StoredTensors(folder.weights()));
            copies = device.arena(Math.max(64, Parameters.copiedBytes(device, source)));
            Parameters parameters = Parameters.mapped(device, copies);
            PrxDenoiser denoiser = new PrxDenoiser(PrxConfigJson.read(folder.config()), parameters);
            parameters.load(source);
            List<List<SafeTensor>> blocks = blocks(denoiser.config().depth(), source);
            return new StoredDenoiser(
                    folder,
                    copies,
                    residency == Residency.RESIDENT
                            ? denoiser
                            : denoiser.tellingAfterBlocks(i -> blocks.get(i).forEach(StoredDenoiser::release)),
                    blocks);
        } catch (RuntimeException | Error e) {
            if (copies != null) {
                copies.close();
            }
            folder.close();
            throw e;
        }
    }

    private static List<List<SafeTensor>> blocks(int depth, NamedTensors source) {
        List<List<SafeTensor>> blocks = new ArrayList<>();
        for (int i = 0; i <= depth; i++) {
            String prefix = i < depth ? "blocks." + i + "." : "final_layer.";
            blocks.add(source.names().stream()
                    .filter(name -> name.startsWith(prefix))
                    .flatMap(name -> source.stored(name).stream())
                    .toList());
        }
        return blocks;
    }

    private static void release(SafeTensor tensor) {
        if (tensor.data().isMapped()) {
            tensor.data().unload();
        }
    }

    /** The network; usable until this is closed. */
    public PrxDenoiser denoiser() {
        return denoiser;
    }

    /** Bytes of all weights in the files. */
    public long weightBytes() {
        return folder.weights().tensors().stream()
                .mapToLong(tensor -> tensor.data().byteSize())
                .sum();
    }

    /** Bytes of weights in memory at once when blocks are {@link Residency#STREAMED}: those before the blocks and the largest block. */
    public long streamedBytes() {
        long inBlocks = 0;
        long largest = 0;
        for (List<SafeTensor> block : blocks) {
            long bytes =
                    block.stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
            inBlocks += bytes;
            largest = Math.max(largest, bytes);
        }
        return weightBytes() - inBlocks + largest;
    }

    /** Unmaps the files; the network must not run after it. */
    @Override
    public void close() {
        copies.close();
        folder.close();
    }
}
