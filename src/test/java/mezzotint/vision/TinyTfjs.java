package mezzotint.vision;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A made-up TensorFlow.js Inception of one channel a unit, minified as npm's packages are. */
public final class TinyTfjs {
    /** The quantised bytes of every weight. */
    public final Map<String, byte[]> bytes = new LinkedHashMap<>();

    private final Map<String, String> entries = new LinkedHashMap<>();

    /** Makes the first 50 convolutions and their normalisations, and a classifier that nobody wants. */
    public TinyTfjs(long seed) {
        Random random = new Random(seed);
        int index = 0;
        int width = 3;
        for (InceptionBlock block : InceptionBlock.upTo(InceptionCut.MIXED_6C)) {
            for (List<String> branch : block.branches()) {
                int in = width;
                for (String unit : branch) {
                    index++;
                    int[] kernel = kernel(unit);
                    add("conv2d_%d/kernel".formatted(index), random, kernel[0], kernel[1], in, 1);
                    for (String name : new String[] {"beta", "moving_mean", "moving_variance"}) {
                        add("batch_normalization_%d/%s".formatted(index, name), random, 1);
                    }
                    in = 1;
                }
            }
            width = width(block, width);
        }
        add("dense_1/kernel", random, 3, 5);
    }

    private static int width(InceptionBlock block, int before) {
        return switch (block.kind()) {
            case STEM -> 1;
            case MEAN, LARGEST -> block.branches().size();
            case HALVED -> block.branches().size() - 1 + before;
        };
    }

    private static int[] kernel(String unit) {
        if (unit.contains("7x7")) {
            boolean twice = unit.contains("dbl");
            int place = unit.charAt(unit.length() - 1) - '0';
            return place == 1 ? new int[] {1, 1} : place % 2 == (twice ? 1 : 0) ? new int[] {1, 7} : new int[] {7, 1};
        }
        boolean first = unit.endsWith("_1");
        int side = unit.contains("5x5") && !first ? 5 : unit.contains("3x3") && !first ? 3 : 1;
        return new int[] {side, side};
    }

    private void add(String name, Random random, int... shape) {
        int count = 1;
        for (int size : shape) {
            count *= size;
        }
        byte[] values = new byte[count];
        random.nextBytes(values);
        bytes.put(name, values);
        boolean variance = name.endsWith("variance");
        entries.put(
                name,
                "{name:\"%s\",shape:%s,dtype:\"float32\",quantization:{min:%s,scale:%s,dtype:\"uint8\"}}"
                        .formatted(
                                name,
                                java.util.Arrays.toString(shape).replace(" ", ""),
                                variance ? ".5" : "-.25",
                                variance ? ".01" : "2e-3"));
    }

    /** What a byte of a kernel stands for. */
    public static float value(byte b) {
        return (float) ((b & 0xff) * 2e-3 - 0.25);
    }

    /** The script with the manifest; object keys without quotes, {@code !1} for false, {@code .5} for 0.5. */
    public String model() {
        return "!function(a){\"object\"==typeof exports?module.exports=a():x=a()}(function(){return"
                + " f({1:[function(a,n,i){"
                + "n.exports={modelTopology:{keras_version:\"2.2.4\",model_config:{layers:[{trainable:!1}]}},"
                + "weightsManifest:[{paths:[\"group1-shard1of2\",\"group1-shard2of2\"],weights:["
                + String.join(",", entries.values()) + "]}]}},{}]},{},[1])(1)});";
    }

    /** The scripts with the data, cut in the middle of a tensor. */
    public List<String> shards() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        bytes.values().forEach(all::writeBytes);
        byte[] data = all.toByteArray();
        int cut = data.length / 2 + 1;
        List<String> shards = new ArrayList<>();
        for (byte[] part :
                List.of(java.util.Arrays.copyOf(data, cut), java.util.Arrays.copyOfRange(data, cut, data.length))) {
            shards.add("!function(d){module.exports=d()}(function(){return g({1:[function(d,h,Z){h.exports=\""
                    + Base64.getEncoder().encodeToString(part) + "\"},{}]},{},[1])(1)});");
        }
        return shards;
    }
}
