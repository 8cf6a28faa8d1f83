package mezzotint.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Runs the libtorch side on recorded cases of the reference implementation, so that the peer does the same work. */
@Command(name = "golden", description = "Compares LibtorchPrx with recorded transformer cases.")
public final class GoldenCheck implements Callable<Integer> {
    private static final double FORWARD = 2e-5; // the cases' own suggestion for float32
    private static final double GRADIENT = 1e-4; // the cases suggest 7e-5 for the worst parameter

    @Parameters(arity = "1..*", description = "Folders that hold case.json, io.safetensors and transformer/.")
    private Path[] folders;

    private boolean failed;

    /** Exits with 1 when a case is outside its tolerance. */
    public static void main(String... args) {
        System.exit(new CommandLine(new GoldenCheck()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        for (Path folder : folders) {
            check(folder);
        }
        return failed ? 1 : 0;
    }

    private void check(Path folder) throws IOException {
        Map<String, Tensor> io = SafeTensorFile.read(folder.resolve("io.safetensors"));
        Map<String, Tensor> weights =
                SafeTensorFile.read(folder.resolve("transformer/diffusion_pytorch_model.safetensors"));
        Map<String, Tensor> expected = SafeTensorFile.read(folder.resolve("grads.safetensors"));
        weights.values().forEach(weight -> weight.set_requires_grad(true));
        PrxShape shape = shape(folder, io);
        if (!weights.keySet().equals(shape.parameters().keySet())) {
            throw new IllegalStateException(folder + ": parameters differ from those of " + shape);
        }
        LibtorchPrx model = new LibtorchPrx(shape, weights, ScalarType.Float);
        Tensor text = io.get("in.encoder_hidden_states").set_requires_grad(true);
        Tensor x = io.get("in.hidden_states").set_requires_grad(true);
        Tensor t = io.get("in.timestep");

        TensorOptional mask = new TensorOptional(model.attentionMask(io.get("in.attention_mask")));
        Tensor out = model.forward(x, t, model.textKeys(text), mask);
        report(folder, "out", out, io.get("out"), FORWARD);
        out.mul(io.get("in.grad_out")).sum().backward();
        report(folder, "grad.hidden_states", x.grad(), io.get("grad.hidden_states"), GRADIENT);
        report(folder, "grad.encoder_hidden_states", text.grad(), io.get("grad.encoder_hidden_states"), GRADIENT);
        weights.forEach((name, weight) -> report(folder, name, weight.grad(), expected.get(name), GRADIENT));

        Tensor unmasked = model.forward(x, t, model.textKeys(text), new TensorOptional());
        report(folder, "nomask.out", unmasked, io.get("nomask.out"), FORWARD);
        mask = new TensorOptional(model.attentionMask(io.get("allpad.attention_mask")));
        report(folder, "allpad.out", model.forward(x, t, model.textKeys(text), mask), io.get("allpad.out"), FORWARD);
    }

    private void report(Path folder, String what, Tensor actual, Tensor expected, double tolerance) {
        double error = actual.sub(expected).norm().item_float()
                / (double) expected.norm().item_float();
        boolean good = error <= tolerance; // NaN is not
        failed |= !good;
        System.out.printf("%s %-50s %.2e %s%n", folder.getFileName(), what, error, good ? "ok" : "FAILED");
    }

    private static PrxShape shape(Path folder, Map<String, Tensor> io) throws IOException {
        JsonNode c = new ObjectMapper()
                .readTree(folder.resolve("transformer/config.json").toFile());
        Tensor x = io.get("in.hidden_states");
        Tensor text = io.get("in.encoder_hidden_states");
        int hidden = c.get("hidden_size").asInt();
        return new PrxShape(
                (int) x.size(0),
                (int) x.size(1),
                (int) x.size(2),
                (int) x.size(3),
                c.get("patch_size").asInt(),
                hidden,
                c.get("depth").asInt(),
                c.get("num_heads").asInt(),
                (int) (hidden * c.get("mlp_ratio").asDouble()),
                (int) text.size(1),
                (int) text.size(2),
                c.path("bottleneck_size").asInt(0),
                c.path("resolution_embeds").asBoolean(false));
    }
}
