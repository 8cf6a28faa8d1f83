package mezzotint.cli;

import mezzotint.kernel.Device;

/** Runs recorded cases of one kind. */
@FunctionalInterface
interface GoldenCheck {
    /** Runs a case and adds what it compared to it. */
    void run(GoldenCase golden, Device device);
}
