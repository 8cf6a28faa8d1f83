package mezzotint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source tree keeps the house rules, and {@link Rooms} sees a breach of each. */
class RoomsTest {

    private static final Rooms OURS = new Rooms(Path.of("").toAbsolutePath());

    @Test
    void everyKernelHasItsRooms() throws IOException {
        assertKept(OURS.emptyRooms());
    }

    @Test
    void noFileIsTooLong() throws IOException {
        assertKept(OURS.longFiles());
    }

    @Test
    void onlyTheCommandLinePrints() throws IOException {
        assertKept(OURS.printing());
    }

    @Test
    void everyPackageExplainsItself() throws IOException {
        assertKept(OURS.unexplainedPackages());
    }

    @Test
    void nothingNamesTheMachineItWasWrittenOn() throws IOException {
        assertKept(OURS.machineTraces());
    }

    private static void assertKept(List<String> breaches) {
        assertTrue(breaches.isEmpty(), () -> String.join("\n", breaches));
    }

    /** Each rule on a tree that breaks it. */
    @Nested
    class Sees {

        private static final String MAIN = "src/main/java/mezzotint/";

        @TempDir
        private Path made;

        @Test
        void aDoorWithoutRooms() throws IOException {
            write(MAIN + "kernel/Kernels.java", "public interface Kernels {\n    interface RmsNorm {\n    }\n}\n");
            write(MAIN + "kernel/cpu/CpuRmsNorm.java", "");
            assertEquals(
                    List.of("Kernels.RmsNorm has no src/test/java/mezzotint/kernel/RmsNormTest.java"),
                    rooms().emptyRooms());
            write("src/test/java/mezzotint/kernel/RmsNormTest.java", "");
            assertKept(rooms().emptyRooms());
        }

        @Test
        void aKernelSourceWithoutDoorOrRooms() throws IOException {
            write("src/main/cuda/common.cuh", "");
            assertKept(rooms().emptyRooms());
            write("src/main/cuda/ada_layer_norm.cu", "");
            assertEquals(4, rooms().emptyRooms().size(), "launcher, door, CPU version and proof");
            write(MAIN + "kernel/Kernels.java", "public interface Kernels {\n    interface AdaLayerNorm {\n    }\n}\n");
            write(MAIN + "kernel/cpu/CpuAdaLayerNorm.java", "");
            write("src/test/java/mezzotint/kernel/AdaLayerNormTest.java", "");
            assertEquals(
                    List.of("src/main/cuda/ada_layer_norm.cu has no " + MAIN + "kernel/cuda/CudaAdaLayerNorm.java"),
                    rooms().emptyRooms());
        }

        @Test
        void aDoorInTheSecondFile() throws IOException {
            write(MAIN + "kernel/Kernels.java", "public interface Kernels {\n    interface RmsNorm {\n    }\n}\n");
            write(MAIN + "kernel/TrainingKernels.java", "public interface TrainingKernels {\n}\n");
            write(MAIN + "kernel/cpu/CpuRmsNorm.java", "");
            write("src/test/java/mezzotint/kernel/RmsNormTest.java", "");
            assertEquals(List.of(MAIN + "kernel/TrainingKernels.java has no nested interface"), rooms().emptyRooms());
            write(
                    MAIN + "kernel/TrainingKernels.java",
                    "public interface TrainingKernels {\n    interface Muon {\n    }\n}\n");
            write("src/test/java/mezzotint/kernel/MuonTest.java", "");
            write("src/main/cuda/muon.cu", "");
            write(MAIN + "kernel/cuda/CudaMuon.java", "");
            assertEquals(
                    List.of("TrainingKernels.Muon has no " + MAIN + "kernel/cpu/CpuMuon.java"), rooms().emptyRooms());
            write(MAIN + "kernel/cpu/CpuMuon.java", "");
            assertKept(rooms().emptyRooms());
        }

        @Test
        void aFileOfOneLineTooMany() throws IOException {
            write(MAIN + "Long.java", "\n".repeat(Rooms.MOST_LINES));
            assertKept(rooms().longFiles());
            write("src/main/cuda/long.cu", "\n".repeat(Rooms.MOST_LINES + 1));
            assertEquals(List.of("src/main/cuda/long.cu has 401 lines, 400 at most: split it"), rooms().longFiles());
        }

        @Test
        void aLibraryThatPrints() throws IOException {
            write(MAIN + "cli/Main.java", "System.out.println();");
            assertKept(rooms().printing());
            write(MAIN + "nn/Loud.java", "class Loud {\n    { System.err.println(); }\n}\n");
            assertEquals(List.of(MAIN + "nn/Loud.java:2 prints; only mezzotint.cli does"), rooms().printing());
        }

        @Test
        void aPackageWithoutExplanation() throws IOException {
            write(MAIN + "nn/Layer.java", "");
            assertEquals(List.of(MAIN + "nn has no package-info.java"), rooms().unexplainedPackages());
        }

        @Test
        void aFolderOfTheMachineAndARegistry() throws IOException {
            write("README.md", "See https://example.org/" + "work/paper and ~/work/ or a/home/b.\n");
            write("target/log.txt", "/" + "root/here");
            assertKept(rooms().machineTraces());
            write("README.md", "Data lie in /" + "work/data.\n");
            write("pom.xml", "<file>/" + "root/x</file>\n<url>https://repo." + "maven.apache.org</url>\n");
            assertEquals(
                    List.of(
                            "README.md:1 names a folder of one machine",
                            "pom.xml:1 names a folder of one machine",
                            "pom.xml:2 names the host of a package registry"),
                    rooms().machineTraces().stream().sorted().toList());
        }

        @Test
        void theNameOfAFamilyInTheNameOfItsSource() {
            assertEquals("AdaLayerNorm", Rooms.family("ada_layer_norm"));
            assertEquals("Rope", Rooms.family("rope"));
        }

        private Rooms rooms() {
            return new Rooms(made);
        }

        private void write(String name, String content) throws IOException {
            Path file = made.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        }
    }
}
