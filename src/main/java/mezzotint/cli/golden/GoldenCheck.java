package mezzotint.cli.golden;

import mezzotint.kernel.Device;

/** Runs recorded cases of one kind. */
@FunctionalInterface
public interface GoldenCheck {
    /** Runs a case and adds what it compared to it. */
    void run(GoldenCase golden, Device device);
}
