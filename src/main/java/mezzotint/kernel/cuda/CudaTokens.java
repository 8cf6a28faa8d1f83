package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Launches {@code tokens.cu}. */
final class CudaTokens implements Kernels.Tokens {
    private static final String MODULE = "tokens";

    /** Lines that one thread copies. */
    private static final int LINES = 4;

    /** Columns, and lines, of a block that goes through shared memory. */
    private static final int STAGED = 64;

    private static final int SECTOR = 32;
    private static final int WARP = 32;

    private final CudaLauncher launcher;

    CudaTokens(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void patchify(Tensor tokens, Tensor image, int patch, boolean accumulate) {
        movePatches("patchify", tokens, image, patch, accumulate);
    }

    @Override
    public void unpatchify(Tensor image, Tensor tokens, int patch, boolean accumulate) {
        movePatches("unpatchify", tokens, image, patch, accumulate);
    }

    private void movePatches(String kernel, Tensor tokens, Tensor image, int patch, boolean accumulate) {
        if (image.shape().elements() == 0) {
            return;
        }
        String types = CudaLauncher.suffix(tokens.dtype()) + CudaLauncher.suffix(image.dtype());
        int narrowest = Math.min(tokens.dtype().bytes(), image.dtype().bytes());
        if (patch * narrowest < SECTOR) {
            stagePatches(kernel + "_staged" + types, tokens, image, patch, accumulate);
            return;
        }
        boolean wide = patch % Tiles.group(DType.F32) == 0 && Tiles.aligned(tokens, image);
        int colours = image.shape().size(1);
        int height = image.shape().size(2);
        int width = image.shape().size(3);
        long bands = (long) image.shape().size(0) * (height / patch);
        long groups = bands * (wide ? width / Tiles.group(DType.F32) : width);
        int across = Math.toIntExact(Tiles.blocks(groups, 1));
        var grid = LaunchGrid.of(across, (colours * patch + LINES - 1) / LINES, Tiles.THREADS);
        launcher.launch(
                MODULE,
                kernel + types,
                grid,
                a -> picture(a, tokens, image, patch)
                        .wide(groups)
                        .integer(wide ? 1 : 0)
                        .integer(accumulate ? 1 : 0));
    }

    private void stagePatches(String kernel, Tensor tokens, Tensor image, int patch, boolean accumulate) {
        int colours = image.shape().size(1);
        int down = image.shape().size(2) / patch;
        int across = image.shape().size(3) / patch;
        int patches = Math.min(STAGED / patch, across);
        int coloursABlock = Math.min(STAGED / patch, colours);
        var grid = new LaunchGrid(
                Math.multiplyExact(image.shape().size(0), down),
                (across + patches - 1) / patches,
                (colours + coloursABlock - 1) / coloursABlock,
                Tiles.THREADS,
                1,
                1,
                0);
        launcher.launch(
                MODULE,
                kernel,
                grid,
                a -> picture(a, tokens, image, patch)
                        .integer(patches)
                        .integer(coloursABlock)
                        .integer(accumulate ? 1 : 0));
    }

    private static LaunchArguments picture(LaunchArguments a, Tensor tokens, Tensor image, int patch) {
        return a.tensor(tokens)
                .tensor(image)
                .integer(image.shape().size(1))
                .integer(image.shape().size(2))
                .integer(image.shape().size(3))
                .integer(patch);
    }

    @Override
    public void sliceColumns(Tensor y, Tensor x, int column) {
        int width = y.shape().size(1);
        long from = x.address() + (long) column * x.dtype().bytes();
        moveRows(
                y.dtype(),
                y.shape().elements(),
                width,
                new Side(y.address(), width),
                new Side(from, x.shape().size(1)),
                false);
    }

    @Override
    public void addColumns(Tensor x, Tensor y, int column) {
        int width = y.shape().size(1);
        long to = x.address() + (long) column * x.dtype().bytes();
        moveRows(
                y.dtype(),
                y.shape().elements(),
                width,
                new Side(to, x.shape().size(1)),
                new Side(y.address(), width),
                true);
    }

    @Override
    public void concatenate(Tensor y, Tensor a, Tensor e) {
        Side whole = whole(y, 0);
        copyPart(whole, a, false);
        copyPart(whole(y, a.shape().size(1)), e, false);
    }

    @Override
    public void concatenateBackward(Tensor gradA, Tensor gradE, Tensor gradY) {
        if (gradA != null) {
            copyPart(whole(gradY, 0), gradA, true);
        }
        if (gradE != null) {
            copyPart(whole(gradY, gradY.shape().size(1) - gradE.shape().size(1)), gradE, true);
        }
    }

    /** All samples of (B, A + E, D) as rows, from token {@code first} on. */
    private static Side whole(Tensor tensor, int first) {
        int d = tensor.shape().size(2);
        long address = tensor.address() + (long) first * d * tensor.dtype().bytes();
        return new Side(address, (long) tensor.shape().size(1) * d);
    }

    private void copyPart(Side whole, Tensor part, boolean addToPart) {
        int width = Math.multiplyExact(part.shape().size(1), part.shape().size(2));
        Side own = new Side(part.address(), width);
        moveRows(
                part.dtype(),
                part.shape().elements(),
                width,
                addToPart ? own : whole,
                addToPart ? whole : own,
                addToPart);
    }

    /** Rows of one tensor, the first at {@code address} and each {@code stride} elements after the one before. */
    private record Side(long address, long stride) {}

    private void moveRows(DType dtype, long elements, int width, Side to, Side from, boolean accumulate) {
        if (elements > 0) {
            launcher.launch(
                    MODULE,
                    "move_rows" + CudaLauncher.suffix(dtype),
                    Tiles.grid(elements, Tiles.group(dtype)),
                    a -> a.wide(to.address)
                            .wide(from.address)
                            .wide(elements)
                            .integer(width)
                            .wide(to.stride)
                            .wide(from.stride)
                            .integer(accumulate ? 1 : 0));
        }
    }

    @Override
    public void gather(Tensor y, Tensor x, Tensor index) {
        moveIndexed(
                "gather_rows" + types(y, x),
                y,
                x,
                index,
                y.shape().size(1),
                x.shape().size(1));
    }

    @Override
    public void scatterAdd(Tensor x, Tensor y, Tensor index) {
        moveIndexed(
                "scatter_rows" + CudaLauncher.suffix(x.dtype()),
                x,
                y,
                index,
                y.shape().size(1),
                x.shape().size(1));
    }

    @Override
    public void embed(Tensor y, Tensor table, Tensor index) {
        moveIndexed(
                "gather_rows" + types(y, table),
                y,
                table,
                index,
                Math.max(1, y.shape().size(0)),
                0);
    }

    private void moveIndexed(String kernel, Tensor to, Tensor from, Tensor index, int rowsASample, int length) {
        int d = to.shape().size(-1);
        long elements = index.shape().elements() * d;
        if (elements > 0) {
            int group = Math.min(Tiles.group(to.dtype()), Tiles.group(from.dtype()));
            launcher.launch(
                    MODULE,
                    kernel,
                    Tiles.grid(elements, group),
                    a -> a.tensor(to)
                            .tensor(from)
                            .tensor(index)
                            .wide(elements)
                            .integer(d)
                            .integer(rowsASample)
                            .integer(length));
        }
    }

    @Override
    public void embedBackward(Tensor gradTable, Tensor gradY, Tensor index) {
        if (gradTable == null || gradY.shape().elements() == 0) {
            return;
        }
        int n = gradY.shape().size(0);
        int d = gradY.shape().size(1);
        boolean byPosition = gradTable.shape().size(0) > n;
        int rows = byPosition ? n : gradTable.shape().size(0);
        int group = Math.min(Tiles.group(gradTable.dtype()), Tiles.group(gradY.dtype()));
        boolean wide = d % group == 0 && Tiles.aligned(gradTable, gradY);
        int columns = WARP * (wide ? group : 1);
        var grid = LaunchGrid.of(
                Math.toIntExact(Tiles.blocks((long) rows * WARP, 1)), (d + columns - 1) / columns, Tiles.THREADS);
        String kernel = "embed_backward" + (wide ? "_wide" : "_any") + types(gradTable, gradY);
        launcher.launch(
                MODULE,
                kernel,
                grid,
                a -> a.tensor(gradTable)
                        .tensor(gradY)
                        .tensor(index)
                        .integer(n)
                        .integer(rows)
                        .integer(d)
                        .integer(byPosition ? 1 : 0));
    }

    private static String types(Tensor to, Tensor from) {
        return CudaLauncher.suffix(to.dtype()) + CudaLauncher.suffix(from.dtype());
    }
}
