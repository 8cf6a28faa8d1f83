package mezzotint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.Signature;
import java.lang.classfile.attribute.SignatureAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports point down only. The table is {@link Layers#ROWS}; classes are read as compiled, so nothing hides. */
class LayeringTest {

    private static final Path CLASSES = Path.of("target", "classes");

    @TempDir
    private Path made;

    @Test
    void importsPointDownOnly() throws IOException {
        try (var files = Files.walk(CLASSES)) {
            assertTrue(files.anyMatch(f -> f.toString().endsWith(".class")), "no classes under " + CLASSES);
        }
        assertHolds(Layers.breaches(CLASSES));
    }

    @Test
    void flagsACallUpwards() throws IOException {
        writeCaller("tensor.Low", "cli.Main");
        assertOnly("mezzotint.tensor.Low uses cli, which lies above tensor: imports point down only");
    }

    @Test
    void flagsATypeNamedOnlyInADescriptor() throws IOException {
        ClassDesc high = ClassDesc.of("mezzotint.training.Trainer");
        write("nn.Low", builder -> builder.withField("field", high.arrayType(), ClassFile.ACC_PRIVATE));
        assertOnly("mezzotint.nn.Low uses training, which lies above nn: imports point down only");
    }

    @Test
    void flagsATypeNamedOnlyInAGenericSignature() throws IOException {
        Signature list = Signature.parseFrom("Ljava/util/List<Lmezzotint/prx/PrxBlock;>;");
        write(
                "io.Low",
                builder -> builder.withField(
                        "field", ConstantDescs.CD_List, field -> field.with(SignatureAttribute.of(list))));
        assertOnly("mezzotint.io.Low uses prx, which lies above io: imports point down only");
    }

    @Test
    void flagsADeviceNamedOutsideTheCommandLine() throws IOException {
        writeCaller("training.Trainer", "kernel.cpu.CpuDevice");
        writeCaller("cli.Train", "kernel.cpu.CpuDevice");
        writeCaller("ptx.PtxMachine", "kernel.cuda.CudaDriver");
        assertOnly("mezzotint.training.Trainer uses kernel.cpu: only cli names a device;"
                + " take a kernel.Device as an argument");
    }

    @Test
    void flagsACycleInARow() throws IOException {
        writeCaller("training.A", "sampling.B");
        writeCaller("sampling.B", "evaluation.C");
        assertHolds(Layers.breaches(made));
        writeCaller("evaluation.C", "training.A");
        assertEquals(3, Layers.breaches(made).size(), "one line for each package of the cycle");
    }

    @Test
    void flagsAPackageThatIsInNoRow() throws IOException {
        writeCaller("misc.Thing", "tensor.Tensor");
        writeCaller("cli.Main", "misc.Thing");
        assertEquals(
                List.of(
                        "mezzotint.cli.Main uses misc, a package that is in no row; add it to Layers.ROWS",
                        "mezzotint.misc.Thing: package misc that is in no row; add it to Layers.ROWS"),
                Layers.breaches(made));
    }

    @Test
    void letsAPackageSkipRowsDownwards() throws IOException {
        writeCaller("cli.Main", "tensor.Tensor");
        writeCaller("evaluation.Distance", "kernel.Device");
        assertHolds(Layers.breaches(made));
    }

    private static void assertHolds(List<String> breaches) {
        assertTrue(breaches.isEmpty(), () -> String.join("\n", breaches));
    }

    private void assertOnly(String breach) throws IOException {
        assertEquals(List.of(breach), Layers.breaches(made));
    }

    /** Writes a class whose one method calls a static method of another class. */
    private void writeCaller(String from, String to) throws IOException {
        var nothing = MethodTypeDesc.of(ConstantDescs.CD_void);
        write(
                from,
                builder -> builder.withMethodBody(
                        "call",
                        nothing,
                        ClassFile.ACC_STATIC,
                        code -> code.invokestatic(ClassDesc.of("mezzotint." + to), "run", nothing)
                                .return_()));
    }

    private void write(String name, Consumer<ClassBuilder> content) throws IOException {
        Path file = made.resolve("mezzotint", name.replace('.', '/') + ".class");
        Files.createDirectories(file.getParent());
        Files.write(file, ClassFile.of().build(ClassDesc.of("mezzotint." + name), content));
    }
}
