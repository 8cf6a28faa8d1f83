package mezzotint.flow;

import mezzotint.kernel.PhiloxRandom;

/** A source of random numbers that can also be a recording. */
public interface Draws {
    /** The next {@code count} standard normal numbers. */
    float[] normals(int count);

    /** The next {@code count} numbers, uniform in [0, 1). */
    float[] uniforms(int count);

    /** Draws from a stream of {@code random}. */
    static Draws of(PhiloxRandom random) {
        return new Draws() {
            @Override
            public float[] normals(int count) {
                float[] values = new float[count];
                for (int i = 0; i < count; i++) {
                    values[i] = random.normal();
                }
                return values;
            }

            @Override
            public float[] uniforms(int count) {
                float[] values = new float[count];
                for (int i = 0; i < count; i++) {
                    values[i] = random.uniform();
                }
                return values;
            }
        };
    }
}
