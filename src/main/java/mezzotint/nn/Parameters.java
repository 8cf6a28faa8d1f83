package mezzotint.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.io.SafeTensor;
import mezzotint.io.StoredType;
import mezzotint.kernel.Device;
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
    /** How parameters get their values. */
    private sealed interface Kind {
        /** Drawn, then trained. */
        record Trainable() implements Kind {}

        /** Loaded into the arena. */
        record Frozen() implements Kind {}

        /** Read where {@code device} can map their file, else loaded into the arena. */
        record Mapped(Device device) implements Kind {}
    }

    private final TensorArena arena;
    private final PhiloxRandom random;
    private final Kind kind;
    private final String prefix;
    private final Map<String, Parameter> byName;

    /** No parameters yet; they will be trainable, initialised from {@code random}'s seed and live in {@code arena}. */
    public Parameters(TensorArena arena, PhiloxRandom random) {
        this(arena, random, new Kind.Trainable(), "", new LinkedHashMap<>());
    }

    private Parameters(
            TensorArena arena, PhiloxRandom random, Kind kind, String prefix, Map<String, Parameter> byName) {
        this.arena = arena;
        this.random = random;
        this.kind = kind;
        this.prefix = prefix;
        this.byName = byName;
    }

    /**
     * No parameters yet; they will be frozen, without gradients, for a model that is only run. Their values are undefined until
     * they are {@linkplain #load loaded} or set.
     */
    public static Parameters frozen(TensorArena arena) {
        return new Parameters(arena, new PhiloxRandom(0), new Kind.Frozen(), "", new LinkedHashMap<>());
    }

    /**
     * No parameters yet; they will be frozen and have no values until they are {@linkplain #load loaded}.
     *
     * <p>Matrices, and everything stored as float32, are then read where {@code device} can map their file, in the type they
     * are stored in: the file has to stay open as long as the model. What is left, vectors of a narrower type and everything
     * on a device with a memory of its own, is copied to {@code arena}, as float32.
     */
    public static Parameters mapped(Device device, TensorArena arena) {
        return new Parameters(arena, new PhiloxRandom(0), new Kind.Mapped(device), "", new LinkedHashMap<>());
    }

    /** The same parameters, with {@code name} and a dot put before the names made or asked for through the result. */
    public Parameters scope(String name) {
        return new Parameters(arena, random, kind, prefix + name + ".", byName);
    }

    /**
     * Makes a float32 parameter.
     *
     * @throws IllegalArgumentException when the name is taken
     */
    public Parameter add(String name, Initialization initialization, long... dims) {
        return add(name, true, initialization, Shape.of(dims));
    }

    /**
     * Makes a float32 buffer: saved and loaded like a parameter, never trained.
     *
     * @throws IllegalArgumentException when the name is taken
     */
    public Parameter addBuffer(String name, Initialization initialization, long... dims) {
        return add(name, false, initialization, Shape.of(dims));
    }

    private Parameter add(String name, boolean trained, Initialization initialization, Shape shape) {
        String full = prefix + name;
        if (byName.containsKey(full)) {
            throw new IllegalArgumentException("parameter " + full + " exists already");
        }
        Parameter parameter = switch (kind) {
            case Kind.Trainable() -> drawn(full, trained, initialization, shape);
            // A frozen one is loaded: drawing its first values would take longer than drawing a picture.
            case Kind.Frozen() -> Parameter.frozen(full, arena.allocate(shape, DType.F32));
            case Kind.Mapped(Device ignored) -> Parameter.late(full, shape);
        };
        byName.put(full, parameter);
        return parameter;
    }

    private Parameter drawn(String name, boolean trained, Initialization initialization, Shape shape) {
        Tensor value = arena.allocate(shape, DType.F32);
        value.set(initialValues(name, initialization, Math.toIntExact(shape.elements())));
        return trained
                ? Parameter.trainable(name, value, arena.zeros(shape, DType.F32))
                : Parameter.frozen(name, value);
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
        return byName.values().stream().mapToLong(p -> p.shape().elements()).sum();
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
     * @param source values by name
     * @throws ShapeMismatchException when a name is missing or unknown, or a shape differs
     */
    public void load(NamedTensors source) {
        List<String> problems = new ArrayList<>();
        for (Parameter parameter : byName.values()) {
            if (!source.names().contains(parameter.name())) {
                problems.add("missing " + parameter);
            } else if (!source.shape(parameter.name()).equals(parameter.shape())) {
                problems.add(parameter.name() + " expected " + parameter.shape() + ", got "
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
            switch (kind) {
                case Kind.Trainable(), Kind.Frozen() -> parameter.value().set(source.values(parameter.name()));
                case Kind.Mapped(Device device) -> parameter.bind(placed(device, source, parameter));
            }
        }
    }

    private Tensor placed(Device device, NamedTensors source, Parameter parameter) {
        Optional<SafeTensor> stored = source.stored(parameter.name());
        if (stored.isPresent()) {
            SafeTensor tensor = stored.get();
            boolean readable = tensor.type() == StoredType.F32
                    || tensor.shape().rank() == 2
                            && (tensor.type() == StoredType.BF16 || tensor.type() == StoredType.F16);
            Optional<Tensor> mapped =
                    readable ? device.map(tensor.data(), tensor.shape(), tensor.dtype()) : Optional.empty();
            if (mapped.isPresent()) {
                return mapped.get();
            }
        }
        return arena.allocate(parameter.shape(), DType.F32).set(source.values(parameter.name()));
    }
}
