package mezzotint.ablation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Curves over training steps, the vertical axis logarithmic: the mean over seeds as a line, the span of seeds as a band.
 *
 * @param title what is drawn
 * @param curves one a variant
 */
record CurveChart(String title, List<Curve> curves) {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 380;
    private static final int LEFT = 64;
    private static final int RIGHT = 210;
    private static final int TOP = 16;
    private static final int BOTTOM = 44;
    private static final int LEGEND_LINE = 18;

    /**
     * One line with its band.
     *
     * @param name in the legend
     * @param steps horizontal positions
     * @param means positive, like lows and highs; as many as steps
     */
    record Curve(String name, List<Long> steps, List<Double> means, List<Double> lows, List<Double> highs) {}

    private record Frame(double lowest, double highest, double lastStep) {
        double x(double step) {
            return LEFT + (WIDTH - LEFT - RIGHT) * step / lastStep;
        }

        double y(double value) {
            double share = (Math.log(value) - Math.log(lowest)) / (Math.log(highest) - Math.log(lowest));
            return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
        }
    }

    String svg() {
        List<Double> all = new ArrayList<>();
        curves.forEach(curve -> {
            all.addAll(curve.lows);
            all.addAll(curve.highs);
        });
        all.removeIf(value -> !Double.isFinite(value) || value <= 0);
        if (all.isEmpty()) {
            return "<p class=\"none\">no curve yet</p>\n";
        }
        double lowest = all.stream().mapToDouble(Double::doubleValue).min().orElseThrow() * 0.97;
        double highest = all.stream().mapToDouble(Double::doubleValue).max().orElseThrow() * 1.03;
        double last = curves.stream()
                .flatMap(curve -> curve.steps.stream())
                .mapToLong(Long::longValue)
                .max()
                .orElseThrow();
        Frame frame = new Frame(lowest, highest, last);
        StringBuilder out = new StringBuilder(Svg.open(WIDTH, HEIGHT, title));
        axes(out, frame);
        for (int i = 0; i < curves.size(); i++) {
            band(out, frame, curves.get(i), Svg.colour(i));
        }
        for (int i = 0; i < curves.size(); i++) {
            lineOf(out, frame, curves.get(i), i);
        }
        return out.append("</svg>\n").toString();
    }

    private static void axes(StringBuilder out, Frame frame) {
        String grid = "class=\"grid\"";
        for (double value : ticks(frame.lowest, frame.highest)) {
            out.append(Svg.line(LEFT, frame.y(value), WIDTH - RIGHT, frame.y(value), grid));
            out.append(Svg.text(
                    LEFT - 8, frame.y(value) + 4, "end", "class=\"tick\"", String.format(Locale.ROOT, "%.3g", value)));
        }
        double step = Svg.niceStep(frame.lastStep, 6);
        for (double at = 0; at <= frame.lastStep * (1 + 1e-9); at += step) {
            out.append(Svg.line(frame.x(at), HEIGHT - BOTTOM, frame.x(at), HEIGHT - BOTTOM + 5, "class=\"axis\""));
            out.append(Svg.text(frame.x(at), HEIGHT - BOTTOM + 20, "middle", "class=\"tick\"", Svg.tick(at, step)));
        }
        out.append(Svg.line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "class=\"axis\""));
        out.append(Svg.text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, "middle", "class=\"tick\"", "step"));
    }

    /** Round numbers of each decade within the range; its ends and middle where it is too narrow for two of those. */
    private static List<Double> ticks(double lowest, double highest) {
        List<Double> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(lowest)); power <= Math.ceil(Math.log10(highest)); power++) {
            for (double factor : new double[] {1, 1.5, 2, 3, 5, 7}) {
                double value = factor * Math.pow(10, power);
                if (value >= lowest && value <= highest) {
                    ticks.add(value);
                }
            }
        }
        return ticks.size() >= 2 ? ticks : List.of(lowest, Math.sqrt(lowest * highest), highest);
    }

    private static void band(StringBuilder out, Frame frame, Curve curve, String colour) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < curve.steps.size(); i++) {
            point(points, frame, curve.steps.get(i), curve.highs.get(i));
        }
        for (int i = curve.steps.size() - 1; i >= 0; i--) {
            point(points, frame, curve.steps.get(i), curve.lows.get(i));
        }
        out.append("<polygon points=\"%s\" fill=\"%s\" fill-opacity=\"0.12\"/>%n"
                .formatted(points.toString().trim(), colour));
    }

    private static void lineOf(StringBuilder out, Frame frame, Curve curve, int index) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < curve.steps.size(); i++) {
            point(points, frame, curve.steps.get(i), curve.means.get(i));
        }
        String stroke = "stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\""
                .formatted(Svg.colour(index), Svg.dashes(index));
        out.append("<polyline points=\"%s\" fill=\"none\" %s/>%n"
                .formatted(points.toString().trim(), stroke));
        double y = TOP + 8.0 + LEGEND_LINE * index;
        out.append(Svg.line(WIDTH - RIGHT + 14, y - 4, WIDTH - RIGHT + 40, y - 4, stroke));
        out.append(Svg.text(WIDTH - RIGHT + 46, y, "start", "class=\"legend\"", curve.name));
    }

    private static void point(StringBuilder to, Frame frame, double step, double value) {
        if (Double.isFinite(value) && value > 0) {
            to.append(String.format(Locale.ROOT, "%.1f,%.1f ", frame.x(step), frame.y(value)));
        }
    }
}
