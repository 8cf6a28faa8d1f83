package mezzotint.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a command has come, where a person watches; nothing elsewhere. */
interface Bar extends AutoCloseable {

    /** For so many steps. */
    static Bar on(Console console, String task, long steps) {
        return console.terminal() ? new Moving(task, steps) : new Silent();
    }

    /** What is being done now. */
    void say(String words);

    /** One step is done. */
    void step();

    @Override
    void close();

    /** Moves. */
    final class Moving implements Bar {
        private final ProgressBar bar;

        private Moving(String task, long steps) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                    .setInitialMax(steps)
                    .setUpdateIntervalMillis(200)
                    // Left to itself the bar asks JLine, which resets the signals: Ctrl-C would end the run at once.
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, TerminalWidth.columns() - 1))
                    .build();
        }

        @Override
        public void say(String words) {
            bar.setExtraMessage(" " + words);
        }

        @Override
        public void step() {
            bar.step();
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** Says nothing. */
    final class Silent implements Bar {
        private Silent() {}

        @Override
        public void say(String words) {}

        @Override
        public void step() {}

        @Override
        public void close() {}
    }
}
