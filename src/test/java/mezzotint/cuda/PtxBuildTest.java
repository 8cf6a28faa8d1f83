package mezzotint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The PTX that ships is what its sources say. */
class PtxBuildTest {

    private static final PtxBuild OURS = PtxBuild.ofRepository(Path.of(""));

    @Test
    void everySourceHasItsPtxAndNoPtxIsStale() throws IOException {
        assertEquals(List.of(), stale(OURS));
    }

    /** What lies in the build folder says which texts were compared before, so that only a change costs the time of nvcc. */
    @Test
    void nvccMakesTheVeryPtxThatShips() throws IOException {
        String nvcc = PtxBuild.nvccVersion().orElse("");
        Path compared = Files.createDirectories(Path.of("target", "ptx-compared"));
        List<String> stems = new ArrayList<>();
        for (String stem : OURS.stems()) {
            String ptx = Files.readString(OURS.ptx(stem));
            Path before = compared.resolve(stem + ".ptx");
            boolean madeByThis = PtxBuild.stamp(ptx)
                    .filter(stamp -> stamp.nvcc().equals(nvcc))
                    .isPresent();
            if (madeByThis && !(Files.exists(before) && Files.readString(before).equals(ptx))) {
                stems.add(stem);
            }
        }
        Assumptions.assumeFalse(stems.isEmpty(), "nothing to compare: no nvcc of the stamps' version, or no change");
        List<String> made = OURS.compile(stems, nvcc);
        for (int i = 0; i < made.size(); i++) {
            String shipped = Files.readString(OURS.ptx(stems.get(i)));
            assertTrue(
                    shipped.equals(made.get(i)),
                    "%s is not what nvcc %s makes of its source; run %s"
                            .formatted(OURS.ptx(stems.get(i)), nvcc, PtxBuild.COMMAND));
            Files.writeString(compared.resolve(stems.get(i) + ".ptx"), shipped);
        }
    }

    /** One line for each PTX that is not what its source says. */
    static List<String> stale(PtxBuild build) throws IOException {
        List<String> stale = new ArrayList<>();
        for (String stem : build.stems()) {
            String why = "";
            if (Files.notExists(build.ptx(stem))) {
                why = "is not there";
            } else {
                Optional<PtxBuild.Stamp> stamp = PtxBuild.stamp(Files.readString(build.ptx(stem)));
                if (stamp.isEmpty()) {
                    why = "has no stamp in its first line";
                } else if (!stamp.get().sha256().equals(build.hash(stem))) {
                    why = "was made from another " + stem + ".cu, or from another file that it includes";
                }
            }
            if (!why.isEmpty()) {
                stale.add("%s %s; run %s".formatted(build.ptx(stem), why, PtxBuild.COMMAND));
            }
        }
        for (Path orphan : build.orphans()) {
            stale.add("%s has no source any more; run %s".formatted(orphan, PtxBuild.COMMAND));
        }
        return stale;
    }

    /** The rules on folders that break them. */
    @Nested
    class Sees {

        @TempDir
        private Path made;

        @Test
        void aChangeOfTheSourceAndOfWhatItIncludesAtAnyDepth() throws IOException {
            write("x.cu", "#include \"a.cuh\"\n");
            write("a.cuh", "  #  include \"b.cuh\"\n");
            write("b.cuh", "one");
            write("c.cuh", "one");
            String before = build().hash("x");
            write("c.cuh", "two");
            assertEquals(before, build().hash("x"));
            write("b.cuh", "two");
            String after = build().hash("x");
            assertNotEquals(before, after);
            write("x.cu", "#include \"a.cuh\"\n\n");
            assertNotEquals(after, build().hash("x"));
        }

        @Test
        void missingUnstampedStaleAndOrphanedPtx() throws IOException {
            write("x.cu", "");
            Path ptx = build().ptx("x");
            assertEquals(List.of(ptx + " is not there; run mvn -Pptx"), stale(build()));
            write("x.ptx", ".version 8.0\n");
            assertEquals(List.of(ptx + " has no stamp in its first line; run mvn -Pptx"), stale(build()));
            write("x.ptx", new PtxBuild.Stamp(build().hash("x"), "13.0.88").line() + "\n.version 8.0\n");
            assertEquals(List.of(), stale(build()));
            write("x.cu", "// changed");
            assertEquals(
                    List.of(ptx + " was made from another x.cu, or from another file that it includes; run mvn -Pptx"),
                    stale(build()));
            Files.delete(made.resolve("x.cu"));
            assertEquals(List.of(ptx + " has no source any more; run mvn -Pptx"), stale(build()));
        }

        private PtxBuild build() {
            return new PtxBuild(made, made);
        }

        private void write(String name, String content) throws IOException {
            Files.writeString(made.resolve(name), content);
        }
    }

    @Test
    void theSamePtxComesOutOfEveryFolder() {
        String made = """
            // Generated
            .version 9.0
            .target sm_80
            // _ZN_INTERNAL_%1$s_4_x
            \t.loc\t1 88 76
            \t.loc\t1 56 3, function_name $L__info_string3, inlined_at 1 88 76
                \t.loc\t2 9 5, function_name $L__info_string4, inlined_at 1 56 3
                \t.loc\t2 7 5, function_name $L__info_string5, inlined_at 2 9 5
            \tret;
            }
            \t.file\t1 "%2$s/x.cu"
            \t.file\t2 "%2$s/../targets/common.cuh"
            \t.section\t.debug_str
            \t{
            $L__info_string3:
            .b8 95,90,%3$s
            .b8 0

            \t}
            """;
        String shipped = """
            // Generated
            .version 8.0
            .target sm_80
            // _ZN_INTERNAL_00000000_4_x
            \t.loc\t1 88 76
            \t.loc\t1 56 3
                \t.loc\t1 56 3
                \t.loc\t1 56 3
            \tret;
            }
            \t.file\t1 "x.cu"
            \t.file\t2 "common.cuh"
            """;
        assertEquals(shipped, PtxBuild.portable(made.formatted("d81b6dee", "/a/b", "100,56,49")));
        assertEquals(shipped, PtxBuild.portable(made.formatted("65d10120", "/c", "54,53,100")));
    }
}
