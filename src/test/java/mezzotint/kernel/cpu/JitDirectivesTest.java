package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JitDirectivesTest {
    /** The largest ordinary method has some 600 bytes, the smallest written-out tile 887. */
    private static final int LARGE_BYTES = 700;

    /** A forgotten one costs a training run that stays twelve times slower for good, and only now and then. */
    @Test
    void everyLargeMethodIsKeptFromC1() throws Exception {
        var holders = new TreeSet<String>();
        for (Path file : classes()) {
            ClassModel model = ClassFile.of().parse(file);
            if (model.methods().stream().anyMatch(JitDirectivesTest::isLarge)) {
                String name = file.getFileName().toString().replace(".class", "");
                holders.add(name);
                assertTrue(
                        JitDirectives.LARGE.stream().anyMatch(name::startsWith),
                        name + " has a method of " + LARGE_BYTES
                                + " bytes or more that JitDirectives.LARGE does not name");
            }
        }
        assertFalse(holders.isEmpty(), "no large method found: the search is wrong");
        for (String prefix : JitDirectives.LARGE) {
            assertTrue(holders.stream().anyMatch(name -> name.startsWith(prefix)), prefix + " names no large method");
        }
    }

    @Test
    void theMachineTakesThem() {
        assertTrue(JitDirectives.install());
    }

    private static boolean isLarge(MethodModel method) {
        return method.findAttribute(Attributes.code())
                .map(code -> code.codeLength() >= LARGE_BYTES)
                .orElse(false);
    }

    private static List<Path> classes() throws IOException, URISyntaxException {
        Path folder = Path.of(
                        JitDirectives.class.getResource("JitDirectives.class").toURI())
                .getParent();
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".class")).toList();
        }
    }
}
