package mezzotint.ablation;

import java.util.List;
import java.util.Locale;

/**
 * A bar a variant: its length the mean over seeds, a whisker the 95 % interval of that mean, a dot a seed.
 *
 * @param title of the metric
 * @param bars one a variant
 */
record BarChart(String title, List<Bar> bars) {
    private static final int WIDTH = 860;
    private static final int LEFT = 210;
    private static final int RIGHT = 80;
    private static final int ROW = 30;
    private static final int BOTTOM = 30;

    /**
     * One bar.
     *
     * @param name at its left
     * @param seeds figures of the seeds
     * @param mean of them
     * @param halfWidth of the interval of the mean; infinite for none
     * @param strong whether it is the one that others are compared with
     */
    record Bar(String name, List<Double> seeds, double mean, double halfWidth, boolean strong) {}

    String svg() {
        double highest = bars.stream()
                .flatMap(bar -> bar.seeds.stream())
                .filter(Double::isFinite)
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(Double.NaN);
        if (!Double.isFinite(highest) || highest <= 0) {
            return "<p class=\"none\">no figure yet</p>\n";
        }
        double end = highest * 1.08;
        int height = ROW * bars.size() + BOTTOM;
        StringBuilder out = new StringBuilder(Svg.open(WIDTH, height, title));
        double step = Svg.niceStep(end, 6);
        for (double at = 0; at <= end; at += step) {
            out.append(Svg.line(x(at, end), 0, x(at, end), height - BOTTOM, "class=\"grid\""));
            out.append(Svg.text(x(at, end), height - 10, "middle", "class=\"tick\"", Svg.tick(at, step)));
        }
        for (int i = 0; i < bars.size(); i++) {
            draw(out, bars.get(i), i, end);
        }
        return out.append("</svg>\n").toString();
    }

    private static double x(double value, double end) {
        return LEFT + (WIDTH - LEFT - RIGHT) * Math.clamp(value / end, 0, 1);
    }

    private static void draw(StringBuilder out, Bar bar, int index, double end) {
        double y = ROW * index + 5.0;
        double middle = y + (ROW - 10) / 2.0;
        out.append(Svg.text(LEFT - 10, middle + 4, "end", "class=\"legend\"", bar.name));
        if (!Double.isFinite(bar.mean)) {
            out.append(Svg.text(LEFT + 8, middle + 4, "start", "class=\"tick\"", "no finished run"));
            return;
        }
        out.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\" fill-opacity=\"%s\"/>%n",
                LEFT,
                y,
                x(bar.mean, end) - LEFT,
                ROW - 10,
                bar.strong ? "#0072b2" : "#56b4e9",
                bar.strong ? "0.9" : "0.65"));
        if (Double.isFinite(bar.halfWidth)) {
            double low = x(bar.mean - bar.halfWidth, end);
            double high = x(bar.mean + bar.halfWidth, end);
            out.append(Svg.line(low, middle, high, middle, "class=\"whisker\""));
            out.append(Svg.line(low, middle - 4, low, middle + 4, "class=\"whisker\""));
            out.append(Svg.line(high, middle - 4, high, middle + 4, "class=\"whisker\""));
        }
        bar.seeds.stream()
                .filter(Double::isFinite)
                .forEach(value -> out.append(Svg.circle(x(value, end), middle, 2.5, "class=\"seed\"")));
        out.append(Svg.text(WIDTH - RIGHT + 8, middle + 4, "start", "class=\"tick\"", Effect.figure(bar.mean)));
    }
}
