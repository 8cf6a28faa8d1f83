package mezzotint.cli.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.kernel.Device;
import mezzotint.testing.Devices;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Whole encoders and autoencoders on the hand-written kernels; what proves their wiring is the CPU. */
class EncoderCasesOnCudaTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TestFactory
    Stream<DynamicTest> agreesWithUpstream() {
        return Devices.cuda()
                .flatMap(open -> Stream.of("vae_kl", "vae_dc", "vision_clip", "vision_lpips_vgg", "train_irepa_conv")
                        .map(name -> DynamicTest.dynamicTest(open.name() + ", " + name, () -> {
                            try (Device device = open.device().get();
                                    GoldenCase golden = new GoldenCase(GOLDEN.resolve(name))) {
                                GoldenChecks.of(name).orElseThrow().run(golden, device);
                                List<Comparison> made = List.copyOf(golden.comparisons());
                                assertFalse(made.isEmpty());
                                assertEquals(
                                        List.of(),
                                        made.stream().filter(c -> !c.passes()).toList());
                            }
                        })));
    }
}
