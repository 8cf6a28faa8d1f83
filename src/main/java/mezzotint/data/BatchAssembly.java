package mezzotint.data;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import mezzotint.data.BatchLoader.State;
import mezzotint.image.RgbImage;
import mezzotint.image.UnreadableImageException;

/** Makes the batch that follows a state: no thread, no queue. */
final class BatchAssembly {
    private final List<CaptionedImage> images;
    private final BatchOptions options;
    private final RgbImage[] cache; // empty if the pictures do not fit
    private final BitSet bad = new BitSet();
    private int[] order = {};
    private long orderEpoch = -1;

    BatchAssembly(List<CaptionedImage> images, BatchOptions options) {
        this.images = List.copyOf(images);
        this.options = options;
        boolean fits = 3L * options.side() * options.side() * images.size() <= options.cacheBytes();
        cache = new RgbImage[fits ? images.size() : 0];
        for (CaptionedImage image : images) {
            if (languagesOf(image).isEmpty()) {
                throw new IllegalArgumentException("picture %s has captions in %s, none in the wanted %s"
                        .formatted(image.id(), image.captions().keySet(), options.languages()));
            }
        }
    }

    /** A batch, where the next one starts, and the pictures found bad on the way. */
    record Assembled(Batch batch, State after, List<BadPicture> bad) {}

    Assembled after(State start) {
        int side = options.side();
        float[] pixels = new float[3 * side * side * options.batchSize()];
        List<String> captions = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        List<BadPicture> newlyBad = new ArrayList<>();
        State at = start;
        while (ids.size() < options.batchSize()) {
            SplittableRandom choices = EpochOrder.choices(options.seed(), at.epoch(), at.position());
            int index = pictureAt(at);
            at = at.onward();
            Optional<RgbImage> picture = load(index, newlyBad);
            if (picture.isEmpty()) {
                continue;
            }
            CaptionedImage image = images.get(index);
            captions.add(caption(image, choices));
            boolean mirrored = options.mirror() && choices.nextBoolean();
            (mirrored ? picture.get().mirrored() : picture.get())
                    .copySignedFloats(pixels, 3 * side * side * ids.size());
            ids.add(image.id());
        }
        return new Assembled(new Batch(pixels, captions, ids, start.batches()), at.afterBatch(), newlyBad);
    }

    private int pictureAt(State at) {
        if (orderEpoch != at.epoch()) {
            order = EpochOrder.permutation(options.seed(), at.epoch(), images.size());
            orderEpoch = at.epoch();
        }
        return order[at.position()];
    }

    private Optional<RgbImage> load(int index, List<BadPicture> newlyBad) {
        if (bad.get(index)) {
            return Optional.empty();
        }
        if (cache.length > 0 && cache[index] != null) {
            return Optional.of(cache[index]);
        }
        CaptionedImage image = images.get(index);
        try {
            RgbImage resized = image.picture().load().centreSquare()
                    .resized(options.side(), options.side(), options.filter());
            if (cache.length > 0) {
                cache[index] = resized;
            }
            return Optional.of(resized);
        } catch (UnreadableImageException e) {
            if (options.onBadPicture() == OnBadPicture.FAIL) {
                throw e;
            }
            bad.set(index);
            newlyBad.add(new BadPicture(image.id(), e.getMessage()));
            if (bad.cardinality() == images.size()) {
                throw new UnreadableImageException(
                        image.id(), "and so are all %d pictures; %s".formatted(images.size(), e.getMessage()), e);
            }
            return Optional.empty();
        }
    }

    private String caption(CaptionedImage image, SplittableRandom choices) {
        List<String> languages = languagesOf(image);
        List<String> captions = image.captions().get(languages.get(choices.nextInt(languages.size())));
        return captions.get(choices.nextInt(captions.size()));
    }

    private List<String> languagesOf(CaptionedImage image) {
        return options.languages().isEmpty()
                ? List.copyOf(image.captions().keySet())
                : options.languages().stream().filter(image.captions()::containsKey).toList();
    }
}
