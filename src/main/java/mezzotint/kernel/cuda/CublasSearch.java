package mezzotint.kernel.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import mezzotint.kernel.DeviceUnavailableException;

/** Finds cuBLAS and loads it, with the libraries that it wants loaded before. */
final class CublasSearch {
    /** Newest first of those that JCuda has a binding for, then the others. */
    private static final List<Integer> MAJORS = List.of(12, 13);

    private static final List<String> BEFORE = List.of("cudart", "cublasLt");

    /** What to do where there is none. */
    static final String REMEDY = "run `mezzotint cuda fetch`, or name the folder of libcublas.so.12 or .13 in "
            + CudaPlaces.FOLDERS_VARIABLE;

    private CublasSearch() {}

    /**
     * A cuBLAS that lies somewhere.
     *
     * @param library name or path of its file
     * @param folder where it lies; empty where the system's search finds it
     * @param major version
     */
    record Found(String library, Optional<Path> folder, int major) {}

    /** The first in the given folders, else what the system's search finds. */
    static Optional<Found> find(CudaPlaces places) {
        for (Path folder : places.folders()) {
            for (int major : MAJORS) {
                Path file = folder.resolve(fileName("cublas", major));
                if (Files.isRegularFile(file)) {
                    return Optional.of(new Found(file.toString(), Optional.of(folder), major));
                }
            }
        }
        return MAJORS.stream()
                .map(major -> new Found(fileName("cublas", major), Optional.empty(), major))
                .filter(found -> isLoadable(found.library()))
                .findFirst();
    }

    private static boolean isLoadable(String name) {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(name, arena);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** What a device without cuBLAS is told. */
    static DeviceUnavailableException missing(CudaOptions options) {
        return new DeviceUnavailableException(
                options.device(), absence(options.places()), REMEDY + ", or use this library's own kernels (cuda:own)");
    }

    /** Says where it is not. */
    static String absence(CudaPlaces places) {
        return "there is no libcublas.so.12 or libcublas.so.13 in %s nor where the system looks"
                .formatted(places.folders().stream().map(Path::toString).collect(Collectors.joining(", ")));
    }

    /**
     * Loads what was found and binds it.
     *
     * @throws DeviceUnavailableException when it is there and cannot be loaded
     */
    static CublasLibrary load(Found found, CudaOptions options) {
        try {
            SymbolLookup symbols = symbols(found);
            boolean jcuda = found.major() == 12
                    && JCudaLibrary.CUBLAS.detect(options.places().cache(), new ArrayList<>());
            return jcuda ? new JCublasLibrary() : new ForeignCublasLibrary(symbols);
        } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
            throw new DeviceUnavailableException(
                    options.device(),
                    "%s cannot be loaded (%s)".formatted(found.library(), e.getMessage()),
                    "use cuda:own, or another copy of it",
                    e);
        }
    }

    /** JCuda's library names its cuBLAS without a folder: the linker takes the one that is loaded already. */
    private static SymbolLookup symbols(Found found) {
        if (found.folder().isEmpty()) {
            return SymbolLookup.libraryLookup(found.library(), Arena.global());
        }
        for (String name : BEFORE) {
            Path file = found.folder().get().resolve(fileName(name, found.major()));
            if (Files.isRegularFile(file)) {
                SymbolLookup.libraryLookup(file, Arena.global());
            }
        }
        return SymbolLookup.libraryLookup(Path.of(found.library()), Arena.global());
    }

    private static String fileName(String library, int major) {
        return "lib%s.so.%d".formatted(library, major);
    }
}
