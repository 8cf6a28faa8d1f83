package mezzotint.kernel.cuda;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where the native libraries of CUDA are looked for.
 *
 * @param driverLibrary name or path of the driver's library, {@code libcuda.so.1} by default
 * @param folders searched for the libraries of the toolkit, in this order, before the system's own search
 * @param cache folder of the user's for what is unpacked, and for what {@code mezzotint cuda fetch} brings
 */
public record CudaPlaces(String driverLibrary, List<Path> folders, Path cache) {
    /** The driver's library as the system's search finds it. */
    public static final String DRIVER_LIBRARY = "libcuda.so.1";

    /** System property that names another driver library. */
    public static final String DRIVER_PROPERTY = "mezzotint.cuda.driver";

    /** Environment variable with more folders, separated like a path. */
    public static final String FOLDERS_VARIABLE = "MEZZOTINT_CUDA_LIBS";

    /** Folder below {@link #cache} of the toolkit's libraries out of Maven. */
    public static final String FETCHED = "cuda-12.6";

    /** Takes copies. */
    public CudaPlaces {
        folders = List.copyOf(folders);
    }

    /**
     * The usual places: {@code MEZZOTINT_CUDA_LIBS}, what was fetched, {@code CUDA_HOME} and {@code CUDA_PATH}, {@code
     * /usr/local/cuda}; the cache is {@code $XDG_CACHE_HOME/mezzotint}, or {@code ~/.cache/mezzotint}.
     */
    public static CudaPlaces ofSystem() {
        return of(System.getenv(), System.getProperty(DRIVER_PROPERTY, DRIVER_LIBRARY));
    }

    static CudaPlaces of(Map<String, String> environment, String driverLibrary) {
        Path cache = cache(environment);
        List<Path> folders = new ArrayList<>();
        Arrays.stream(environment.getOrDefault(FOLDERS_VARIABLE, "").split(File.pathSeparator))
                .filter(folder -> !folder.isBlank())
                .map(Path::of)
                .forEach(folders::add);
        folders.add(cache.resolve(FETCHED));
        Stream.of("CUDA_HOME", "CUDA_PATH")
                .map(name -> environment.getOrDefault(name, ""))
                .filter(home -> !home.isBlank())
                .map(home -> Path.of(home, "lib64"))
                .forEach(folders::add);
        folders.add(Path.of("/usr/local/cuda/lib64"));
        return new CudaPlaces(driverLibrary, folders, cache);
    }

    private static Path cache(Map<String, String> environment) {
        String asked = environment.getOrDefault("XDG_CACHE_HOME", "");
        // the XDG specification wants a relative path ignored
        Path base = !asked.isBlank() && Path.of(asked).isAbsolute()
                ? Path.of(asked)
                : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("mezzotint");
    }
}
