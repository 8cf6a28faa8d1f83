package mezzotint.cli;

import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import mezzotint.training.StepReport;

/** Shows how a run goes. */
interface TrainingDisplay extends AutoCloseable {
    /** Weight of the newest step in what is shown: the last twenty or so count. */
    double NEWEST = 0.05;

    /**
     * A bar on a terminal, lines otherwise.
     *
     * @param start steps taken before
     * @param every steps between two lines
     */
    static TrainingDisplay open(Console console, long start, long steps, long every) {
        return console.terminal() ? new Bar(console, start, steps) : new Lines(console, every);
    }

    /** Shows a step. */
    void show(StepReport report);

    /** Shows a line that stays. */
    void say(String line);

    @Override
    void close();

    /** Running means of loss and speed; the first steps, which wait for the compiler, do not count for the speed. */
    final class Means {
        private static final int SLOW_STEPS = 5;

        private double loss;
        private double secondsPerPicture;
        private int steps;

        void add(StepReport report) {
            steps++;
            if (report.taken()) { // one that is no number would stay for ever
                loss += Math.max(NEWEST, 1.0 / steps) * (report.loss() - loss);
            }
            double weight = Math.max(NEWEST, 1.0 / (steps <= SLOW_STEPS ? 1 : steps - SLOW_STEPS));
            secondsPerPicture += weight * (report.seconds() / report.pictures() - secondsPerPicture);
        }

        double loss() {
            return loss;
        }

        double picturesPerSecond() {
            return 1 / secondsPerPicture;
        }

        /** Seconds left at the present speed. */
        long secondsLeft(StepReport report) {
            return Math.round((report.steps() - report.step()) * report.pictures() * secondsPerPicture);
        }
    }

    /** A moving bar. */
    final class Bar implements TrainingDisplay {
        private static final String ERASED = "\r\033[K";

        private final Means means = new Means();
        private final Console console;
        private final ProgressBar bar;

        private Bar(Console console, long start, long steps) {
            this.console = console;
            bar = new ProgressBarBuilder()
                    .setTaskName("training")
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                    .setInitialMax(steps)
                    .startsFrom(start, java.time.Duration.ZERO)
                    .setUpdateIntervalMillis(200)
                    // Left to itself the bar asks JLine, which resets the signals: Ctrl-C would end the run at once.
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, TerminalWidth.columns() - 1))
                    .build();
        }

        @Override
        public void show(StepReport report) {
            means.add(report);
            bar.setExtraMessage(" loss %.4f, %.0f pictures/s".formatted(means.loss(), means.picturesPerSecond()));
            bar.stepTo(report.step());
        }

        @Override
        public void say(String line) {
            console.err().println(ERASED + line);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** A line now and then. */
    final class Lines implements TrainingDisplay {
        private final Means means = new Means();
        private final Console console;
        private final long every;

        private Lines(Console console, long every) {
            this.console = console;
            this.every = every;
        }

        @Override
        public void show(StepReport report) {
            means.add(report);
            if (report.step() % every == 0 || report.step() == report.steps()) {
                double[] bins = report.lossByTime();
                console.err()
                        .println(String.format(
                                Locale.ROOT,
                                "step %d/%d  loss %.4f (t < 0.3: %.3f, < 0.6: %.3f, rest: %.3f)  %.0f pictures/s  %s"
                                        + " left",
                                report.step(),
                                report.steps(),
                                means.loss(),
                                bins[0],
                                bins[1],
                                bins[2],
                                means.picturesPerSecond(),
                                clock(means.secondsLeft(report))));
            }
        }

        @Override
        public void say(String line) {
            console.err().println(line);
        }

        @Override
        public void close() {}
    }

    /** Minutes and seconds, such as {@code 8:05}. */
    static String clock(long seconds) {
        return "%d:%02d".formatted(seconds / 60, seconds % 60);
    }
}
