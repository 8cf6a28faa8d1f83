package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import mezzotint.data.CaptionedImage;
import mezzotint.data.EmojiFetch;
import mezzotint.data.ImageFolder;
import mezzotint.data.StarterSet;
import mezzotint.training.TrainingConfig;

/**
 * The pictures a run trains on.
 *
 * @param images in a fixed order
 * @param previews prompts to watch it by
 */
record TrainingData(List<CaptionedImage> images, PromptTable previews) {
    /** The set that comes along. */
    static final String STARTER = "starter";
    /** The set that {@code data fetch} makes. */
    static final String EMOJI = "emoji";

    private static final List<String> SHOWN = List.of("en", "de", "fr", "ru", "zh", "ja", "ar", "hi");
    private static final int PREVIEW_CONCEPTS = 8;

    /**
     * Finds the data of a configuration.
     *
     * @throws UserMistake where there is none, or a picture has no caption in a wanted language
     */
    static TrainingData of(TrainingConfig.Data data) {
        return data.source().equals(STARTER) ? starter(data.languages()) : folder(data);
    }

    /** A folder by the name that configurations give it. */
    static Path folderOf(String source) {
        if (!source.equals(EMOJI)) {
            return Path.of(source);
        }
        Path folder = EmojiFetch.folderIn(EmojiFetch.userCache());
        if (!Files.isDirectory(folder)) {
            throw new UserMistake("the emoji are not in %s yet; run: mezzotint data fetch", folder);
        }
        return folder;
    }

    private static TrainingData starter(List<String> wanted) {
        StarterSet set = StarterSet.load();
        for (String language : wanted) {
            if (!set.languages().contains(language)) {
                throw new UserMistake(
                        "data.languages: the starter set has no names in \"%s\"; it has %s",
                        language, String.join(" ", set.languages()));
            }
        }
        List<String> languages = wanted.isEmpty() ? set.trainedLanguages() : wanted;
        List<String> shown =
                new ArrayList<>(languages.stream().filter(SHOWN::contains).toList());
        if (shown.isEmpty()) {
            shown.addAll(PromptTable.evenly(languages, SHOWN.size()));
        }
        set.heldOutLanguages().stream().filter(l -> !languages.contains(l)).forEach(shown::add);
        return new TrainingData(
                set.images(languages),
                PromptTable.ofStarter(set, PromptTable.evenly(set.concepts(), PREVIEW_CONCEPTS), shown));
    }

    private static TrainingData folder(TrainingConfig.Data data) {
        List<CaptionedImage> images = ImageFolder.read(folderOf(data.source()));
        TreeSet<String> present = new TreeSet<>();
        images.forEach(image -> present.addAll(image.captions().keySet()));
        for (CaptionedImage image : images) {
            if (!data.languages().isEmpty() && data.languages().stream().noneMatch(image.captions()::containsKey)) {
                throw new UserMistake(
                        "data.languages: picture %s has no caption in %s; the data has %s",
                        image.id(), String.join(", ", data.languages()), String.join(" ", present));
            }
        }
        List<String> languages = data.languages().isEmpty() ? List.copyOf(present) : data.languages();
        List<String> shown = languages.stream().filter(SHOWN::contains).toList();
        return new TrainingData(
                images,
                PromptTable.ofImages(images, shown.isEmpty() ? PromptTable.evenly(languages, SHOWN.size()) : shown));
    }
}
