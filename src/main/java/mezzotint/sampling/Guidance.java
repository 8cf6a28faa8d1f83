package mezzotint.sampling;

import mezzotint.prx.TokenRouting;

/** How strongly the prompt is followed. */
public sealed interface Guidance {
    /** The conditional output alone. */
    record None() implements Guidance {}

    /**
     * <pre>out = u + scale · (c − u)   for t within the interval, c elsewhere</pre>
     *
     * u is the output for the negative prompt, c for the prompt.
     *
     * @param scale 1 is the same as no guidance; 3.5 to 7 is usual
     * @param interval of times
     * @see <a href="https://arxiv.org/abs/2207.12598">Ho and Salimans 2022, eq. 6, with scale = 1 + w</a>
     */
    record ClassifierFree(float scale, Interval interval) implements Guidance {
        /** @throws IllegalArgumentException when the scale is not a finite number */
        public ClassifierFree {
            if (!Float.isFinite(scale)) {
                throw new IllegalArgumentException("guidance: expected a finite scale, got " + scale);
            }
        }

        /** At all times. */
        public ClassifierFree(float scale) {
            this(scale, Interval.ALL);
        }
    }

    /**
     * A network that was trained with routing, guided by itself with fewer tokens; nobody asks the negative prompt.
     *
     * <pre>out = r + scale · (f − r)</pre>
     *
     * f is the output for all tokens, r for those that the route leaves. Every step of a picture takes the same route.
     *
     * @param scale 1 is the same as no guidance; 3.5 in PRX
     * @param routing that the network was trained with
     * @param seed decides the route, as a step's index does in training; the picture's seed in PRX
     * @see <a href="https://arxiv.org/abs/2501.04765">Krause et al. 2025, TREAD</a>
     */
    record SelfRouted(float scale, TokenRouting routing, long seed) implements Guidance {
        /** @throws IllegalArgumentException when the scale is not a finite number */
        public SelfRouted {
            if (!Float.isFinite(scale)) {
                throw new IllegalArgumentException("guidance: expected a finite scale, got " + scale);
            }
        }
    }

    /** Whether the network is asked for the negative prompts as well. */
    default boolean asksNegativePrompts() {
        return this instanceof ClassifierFree;
    }

    /**
     * Times at which there is guidance: near noise it costs variety, near the picture it has no use.
     *
     * @param from least t, 0 = picture
     * @param to largest t, 1 = noise
     * @see <a href="https://arxiv.org/abs/2404.07724">Kynkäänniemi et al. 2024, eq. 5, over t instead of σ</a>
     */
    record Interval(float from, float to) {
        /** All times. */
        public static final Interval ALL = new Interval(0, 1);

        /** @throws IllegalArgumentException when it is empty or not within [0, 1] */
        public Interval {
            if (!(0 <= from && from <= to && to <= 1)) {
                throw new IllegalArgumentException(
                        "guidance interval: expected 0 ≤ from ≤ to ≤ 1, got %s to %s".formatted(from, to));
            }
        }

        /** Whether {@code time} lies within, ends included; a shifted 1 may be rounded to a little more. */
        public boolean contains(float time) {
            return from <= time && Math.min(time, 1) <= to;
        }
    }

    /** Guidance of that scale at all times; none for 1. */
    static Guidance of(float scale) {
        return of(scale, Interval.ALL);
    }

    /** Guidance of that scale at some times; none for 1. */
    static Guidance of(float scale, Interval interval) {
        return scale == 1 ? new None() : new ClassifierFree(scale, interval);
    }
}
