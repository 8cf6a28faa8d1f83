package mezzotint.prx;

import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** The way of one batch's image tokens through the blocks: who leaves where, and how they come back. */
final class TokenPath {
    private final Optional<TokenRoute> route;
    private final Optional<SprintFusion> fusion;
    private final int first;
    private final int last;
    private final Tensor fullTable;
    private final Tensor visibleTable;
    private Tensor table;
    private Tensor kept; // what comes back after the span: the routed tokens, or for a fusion all of them

    /**
     * @param grid rows and columns of tokens
     * @param fusion joins the span's ends of the configuration
     */
    TokenPath(Tape tape, PrxConfig config, Grid grid, Optional<TokenRoute> route, Optional<SprintFusion> fusion) {
        this.route = route.filter(r -> r.routed()[0].length > 0);
        this.fusion = fusion;
        Optional<PrxExtensions.Sprint> sprint = config.extensions().sprint();
        first = sprint.map(PrxExtensions.Sprint::first)
                .or(() -> this.route.map(TokenRoute::first))
                .orElse(-1);
        last = sprint.map(PrxExtensions.Sprint::last)
                .or(() -> this.route.map(TokenRoute::last))
                .orElse(-1);
        route.ifPresent(r -> check(r, config, grid));
        fullTable = RotaryGrid.table(tape, config, grid.rows(), grid.columns());
        visibleTable = this.route
                .map(r -> RotaryGrid.table(
                        tape, new RotaryGrid.Axes(config.ropeAxes(), config.theta()), grid.columns(), r.visible()))
                .orElse(fullTable);
        table = fullTable;
    }

    /**
     * The tokens of a batch.
     *
     * @param batch B
     * @param rows of tokens
     * @param columns of tokens
     */
    record Grid(int batch, int rows, int columns) {}

    private void check(TokenRoute asked, PrxConfig config, Grid grid) {
        if (asked.batch() != grid.batch() || asked.tokens() != grid.rows() * grid.columns()) {
            throw new ShapeMismatchException(
                    "token route: of %d pictures of %d tokens, the batch has %d of %d",
                    asked.batch(), asked.tokens(), grid.batch(), grid.rows() * grid.columns());
        }
        if (asked.last() >= config.depth()) {
            throw new InvalidPrxConfigException(
                    "token route, last block", "below the depth " + config.depth(), asked.last());
        }
        if (fusion.isPresent() && (asked.first() != first || asked.last() != last)) {
            throw new InvalidPrxConfigException(
                    "token route",
                    "blocks %d to %d, those of the fusion".formatted(first, last),
                    asked.first() + " to " + asked.last());
        }
    }

    /** Cosines and sines of the tokens that are under way, (1 or B, L or V, d/2, 2). */
    Tensor rope() {
        return table;
    }

    /** What block {@code index} gets of the tokens (B, L, D). */
    Tensor before(Tape tape, int index, Tensor img) {
        if (index != first) {
            return img;
        }
        boolean detach = route.map(TokenRoute::detach).orElse(false);
        if (fusion.isPresent()) {
            kept = detach ? tape.detach(img) : img;
        }
        if (route.isEmpty()) {
            return img;
        }
        if (fusion.isEmpty()) {
            Tensor passing = tape.gather(img, indices(tape, route.get().routed()));
            kept = detach ? tape.detach(passing) : passing;
        }
        table = visibleTable;
        return tape.gather(img, indices(tape, route.get().visible()));
    }

    /** The tokens (B, L, D) after block {@code index}, whose output is {@code img}. */
    Tensor after(Tape tape, int index, Tensor img) {
        if (index != last) {
            return img;
        }
        table = fullTable;
        if (fusion.isEmpty()) {
            return together(tape, img, kept);
        }
        Tensor deep = img;
        if (route.isPresent()) {
            TokenRoute r = route.get();
            deep = together(tape, img, fusion.get().maskTokens(tape, r.batch(), r.routed()[0].length));
        }
        return fusion.get().fuse(tape, kept, deep);
    }

    private Tensor together(Tape tape, Tensor visible, Tensor others) {
        TokenRoute r = route.orElseThrow();
        Tensor index = tape.allocate(Shape.of(r.batch(), r.tokens()), DType.I32).set(r.positions());
        return tape.gather(tape.concatenate(visible, others), index);
    }

    private static Tensor indices(Tape tape, int[][] rows) {
        int[] all = java.util.Arrays.stream(rows)
                .flatMapToInt(java.util.Arrays::stream)
                .toArray();
        return tape.allocate(Shape.of(rows.length, rows[0].length), DType.I32).set(all);
    }
}
