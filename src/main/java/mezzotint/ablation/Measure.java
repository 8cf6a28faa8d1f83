package mezzotint.ablation;

/**
 * One figure of a run.
 *
 * @param value the figure
 * @param low lower end of its 95 % interval within this run; the value itself where none was computed
 * @param high upper end
 * @param lowerIsBetter which way is good
 */
public record Measure(double value, double low, double high, boolean lowerIsBetter) {
    /** A figure without an interval. */
    public static Measure of(double value, boolean lowerIsBetter) {
        return new Measure(value, value, value, lowerIsBetter);
    }
}
