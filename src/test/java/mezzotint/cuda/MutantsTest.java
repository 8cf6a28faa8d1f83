package mezzotint.cuda;

import org.junit.jupiter.api.Test;

class MutantsTest {
    @Test
    void run() {
        MutantRun run = new MutantRun();
        for (Mutant m : Mutants.inPtx()) {
            long t = System.nanoTime();
            String what;
            try {
                var v = run.run(m, m.plant(mezzotint.kernel.evidence.ShippedKernels.ptx(m.stem())));
                what = (v.isKilled() ? "killed " : "SURVIVED ") + v.killer();
            } catch (Throwable e) {
                what = "ERROR " + e;
            }
            System.out.println((System.nanoTime() - t) / 1000000 + " ms " + m + " -> " + what);
        }
    }
}
