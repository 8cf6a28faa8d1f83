package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mezzotint.image.PngFile;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Techniques as a user asks for them: what goes right, and one sentence for what does not. */
class TechniqueOptionsTest {
    @TempDir
    Path folder;

    private Command train(String... changes) {
        return Command.train(folder.resolve("run"), 1, changes);
    }

    private void assertRefused(Command command, String sentence) {
        assertEquals(2, command.status(), command.err());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.complaints().getFirst().contains(sentence), command.err());
    }

    @Test
    void aTeacherThatIsNotThereLeavesNothing() {
        Command command = train(
                "--set", "technique.repa.weight=0.5", "--set", "technique.repa.teacher=" + folder.resolve("dino"));
        assertRefused(command, "technique.repa.teacher expected the folder of a vision encoder, or");
        String both = "{weight: 0.5, block: 0, teacher: '%s'}".formatted(folder.resolve("dino"));
        assertRefused(
                train("--set", "technique.repa=" + both),
                "technique.repa.teacher expected the folder of a vision encoder, or one of [inception-mixed5]");
        assertFalse(Files.exists(folder.resolve("run")));
    }

    @Test
    void aPictureWithoutFeaturesIsNamed() {
        Path features = folder.resolve("features.safetensors");
        SafeTensorsWriter writer = new SafeTensorsWriter();
        writer.add("another picture", DType.F32, Shape.of(4, 3), new float[12]);
        writer.write(features);
        assertRefused(
                train("--set", "technique.repa={weight: 0.5, block: 0, features: '%s'}".formatted(features)),
                "expected (4, 3), there are none");
    }

    @Test
    void aModelGuidesItself() {
        assertEquals(0, train().status());
        Path picture = folder.resolve("self.png");
        Command drawn = sample(picture, "--self-guidance", "0:1:0.5", "--guidance", "2");
        assertEquals(0, drawn.status(), drawn.err());
        assertEquals("0:1:0.5", PngFile.readParameters(picture).get("self-guidance"));
        assertEquals("2.0", PngFile.readParameters(picture).get("guidance"));
        for (String wrong : List.of("0:1", "0:1:2", "1:0:0.5", "a:b:c")) {
            assertRefused(
                    sample(folder.resolve("none.png"), "--self-guidance", wrong),
                    "--self-guidance wants two blocks and a share of tokens such as 1:2:0.5, got " + wrong);
        }
        assertRefused(
                sample(folder.resolve("none.png"), "--self-guidance", "0:2:0.5"),
                "token route, last block expected below the depth 2, got 2");
        assertFalse(Files.exists(folder.resolve("none.png")));
    }

    private Command sample(Path out, String... more) {
        List<String> line = new java.util.ArrayList<>(List.of(
                "sample",
                "--model",
                folder.resolve("run").toString(),
                "--steps",
                "1",
                "--threads",
                "1",
                "--out",
                out.toString()));
        line.addAll(List.of(more));
        line.add("a fox");
        return Command.run(line.toArray(String[]::new));
    }
}
