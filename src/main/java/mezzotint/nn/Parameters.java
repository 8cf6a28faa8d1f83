package mezzotint.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * The parameters of a model by name, in the order they were made.
 *
 * <p>A parameter's first values depend on the seed and its own name only, so adding a module leaves the others as they were.
 */
public final class Parameters {
    private final TensorArena arena;
    private final PhiloxRandom random;
    private final boolean trainable;
    private final String prefix;
    private final Map<String, Parameter> byName;

    /** No parameters yet; they will be trainable, initialised from {@code random}'s seed and live in {@code arena}. */
    public Parameters(TensorArena arena, PhiloxRandom random) {
        this(arena, random, true, "", new LinkedHashMap<>());
    }

    private Parameters(
            TensorArena arena, PhiloxRandom random, boolean trainable, String prefix, Map<String, Parameter> byName) {
        this.arena = arena;
        this.random = random;
        this.trainable = trainable;
        this.prefix = prefix;
        this.byName = byName;
    }

    /**
     * No parameters yet; they will be frozen, without gradients, for a model that is only run. Their values are undefined until
     * they are {@linkplain #load loaded} or set.
     */
    public static Parameters frozen(TensorArena arena) {
        return new Parameters(arena, new PhiloxRandom(0), false, "", new LinkedHashMap<>());
    }

    /** The same parameters, with {@code name} and a dot put before the names made or asked for through the result. */
    public Parameters scope(String name) {
        return new Parameters(arena, random, trainable, prefix + name + ".", byName);
    }

    /**
     * Makes a float32 parameter.
     *
     * @throws IllegalArgumentException when the name is taken
     */
    public Parameter add(String name, Initialization initialization, long... dims) {
        return add(name, trainable, initialization, dims);
    }

    /**
     * Makes a float32 buffer: saved and loaded like a parameter, never trained.
     *
     * @throws IllegalArgumentException when the name is taken
     */
    public Parameter addBuffer(String name, Initialization initialization, long... dims) {
        return add(name, false, initialization, dims);
    }

    private Parameter add(String name, boolean trained, Initialization initialization, long... dims) {
        String full = prefix + name;
        if (byName.containsKey(full)) {
            throw new IllegalArgumentException("parameter " + full + " exists already");
        }
        Tensor value = arena.allocate(Shape.of(dims), DType.F32);
        if (trainable) { // a frozen one is loaded: drawing its first values would take longer than drawing a picture
            value.set(initialValues(
                    full, initialization, Math.toIntExact(value.shape().elements())));
        }
        Parameter parameter = trained
                ? Parameter.trainable(full, value, arena.zeros(value.shape(), DType.F32))
                : Parameter.frozen(full, value);
        byName.put(full, parameter);
        return parameter;
    }

    private float[] initialValues(String name, Initialization initialization, int count) {
        float[] values = new float[count];
        PhiloxRandom own = random.withStream(streamOf(name));
        switch (initialization) {
            case Initialization.Constant(float value) -> java.util.Arrays.fill(values, value);
            case Initialization.Uniform(double bound) -> {
                for (int i = 0; i < count; i++) {
                    values[i] = (float) ((2.0 * own.uniform() - 1) * bound);
                }
            }
            case Initialization.Normal(double deviation) -> {
                for (int i = 0; i < count; i++) {
                    values[i] = (float) (own.normal() * deviation);
                }
            }
        }
        return values;
    }

    /** The random stream of a name: its 64-bit FNV-1a hash, so that names do not share numbers. */
    private static long streamOf(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    /** All parameters, in the order they were made. */
    public List<Parameter> all() {
        return List.copyOf(byName.values());
    }

    /** Those with a gradient, in the order they were made. */
    public List<Parameter> trainable() {
        return byName.values().stream().filter(Parameter::isTrainable).toList();
    }

    /**
     * The parameter of that name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public Parameter get(String name) {
        Parameter parameter = byName.get(prefix + name);
        if (parameter == null) {
            throw new IllegalArgumentException("no parameter is called " + prefix + name);
        }
        return parameter;
    }

    /** Number of elements in all parameters. */
    public long elements() {
        return byName.values().stream()
                .mapToLong(p -> p.value().shape().elements())
                .sum();
    }

    /** Sets every gradient to zero. */
    public void zeroGradients() {
        for (Parameter parameter : byName.values()) {
            parameter.gradient().ifPresent(Tensor::zero);
        }
    }

    /**
     * Sets the values from elsewhere, all or none.
     *
     * @param source values by name; float32, in row-major order
     * @throws ShapeMismatchException when a name is missing or unknown, or a shape differs
     */
    public void load(NamedTensors source) {
        List<String> problems = new ArrayList<>();
        for (Parameter parameter : byName.values()) {
            if (!source.names().contains(parameter.name())) {
                problems.add("missing " + parameter);
            } else if (!source.shape(parameter.name()).equals(parameter.value().shape())) {
                problems.add(parameter.name() + " expected " + parameter.value().shape() + ", got "
                        + source.shape(parameter.name()));
            }
        }
        for (String name : source.names()) {
            if (!byName.containsKey(name)) {
                problems.add("unknown " + name);
            }
        }
        if (!problems.isEmpty()) {
            throw new ShapeMismatchException(
                    "%s does not fit the model in %d of %d tensors: %s%s",
                    source,
                    problems.size(),
                    byName.size(),
                    String.join("; ", problems.subList(0, Math.min(3, problems.size()))),
                    problems.size() > 3 ? "; …" : "");
        }
        for (Parameter parameter : byName.values()) {
            parameter.value().set(source.values(parameter.name()));
        }
    }
}
