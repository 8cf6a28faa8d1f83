package mezzotint.prx;

import mezzotint.tensor.ShapeMismatchException;

/**
 * Which image tokens of each picture go through a span of blocks, and which pass it by.
 *
 * <p>{@code visible} and {@code routed} have a row per picture; together a row names every token once.
 *
 * @param first block, from 0, before which the routed tokens leave
 * @param last block after which they come back, at least {@code first}
 * @param visible (B, V) tokens that the blocks see
 * @param routed (B, R) tokens that they do not
 * @param detach whether no gradient flows through the tokens that pass by
 */
public record TokenRoute(int first, int last, int[][] visible, int[][] routed, boolean detach) {
    /** @throws ShapeMismatchException when rows do not name every token once */
    public TokenRoute {
        if (visible.length == 0 || visible.length != routed.length || first < 0 || last < first) {
            throw new ShapeMismatchException(
                    "token route: %d rows of visible and %d of routed tokens for blocks %d to %d",
                    visible.length, routed.length, first, last);
        }
        int tokens = visible[0].length + routed[0].length;
        for (int b = 0; b < visible.length; b++) {
            boolean[] named = new boolean[tokens];
            if (visible[b].length != visible[0].length || !name(named, visible[b]) || !name(named, routed[b])) {
                throw new ShapeMismatchException("token route: row %d does not name each of %d tokens once", b, tokens);
            }
        }
    }

    private static boolean name(boolean[] named, int[] tokens) {
        for (int token : tokens) {
            if (token < 0 || token >= named.length || named[token]) {
                return false;
            }
            named[token] = true;
        }
        return true;
    }

    /** B, the number of pictures. */
    public int batch() {
        return visible.length;
    }

    /** L, the number of tokens of a picture. */
    public int tokens() {
        return visible[0].length + routed[0].length;
    }

    /** Whether block {@code index} sees the visible tokens only. */
    public boolean covers(int index) {
        return index >= first && index <= last;
    }

    /** Per picture, where each token lies in the visible tokens followed by the routed ones, (B · L). */
    int[] positions() {
        int tokens = tokens();
        int[] positions = new int[batch() * tokens];
        for (int b = 0; b < batch(); b++) {
            int at = 0;
            for (int token : visible[b]) {
                positions[b * tokens + token] = at++;
            }
            for (int token : routed[b]) {
                positions[b * tokens + token] = at++;
            }
        }
        return positions;
    }
}
