package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/** What vectors this JVM has on this machine. */
final class VectorSupport {
    /** Name of the module that holds the Vector API; an application must add it at start-up. */
    static final String MODULE = "jdk.incubator.vector";

    private VectorSupport() {}

    /** Whether the JVM was started with the Vector API. */
    static boolean moduleIsPresent() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    /** The widest vectors that pay here; {@link VectorWidth#PLAIN} without the module. */
    static VectorWidth widest() {
        return moduleIsPresent() ? Probe.preferred() : VectorWidth.PLAIN;
    }

    /** Loaded only where the module is. */
    private static final class Probe {
        static VectorWidth preferred() {
            int floats = FloatVector.SPECIES_PREFERRED.length();
            return floats >= 16 ? VectorWidth.BITS_512 : floats == 8 ? VectorWidth.BITS_256 : VectorWidth.PLAIN;
        }
    }
}
