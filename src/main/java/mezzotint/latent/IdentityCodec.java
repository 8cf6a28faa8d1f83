package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** Pixels as they are: what goes in comes out, the same tensor. */
public record IdentityCodec() implements ImageCodec {
    @Override
    public int ratio() {
        return 1;
    }

    @Override
    public int channels() {
        return 3;
    }

    @Override
    public LatentScale scale() {
        return LatentScale.NONE;
    }

    @Override
    public Tensor encode(Tape tape, Tensor pictures) {
        latentShape(pictures.shape());
        return pictures;
    }

    @Override
    public Tensor encode(Tape tape, Tensor pictures, Tensor noise) {
        return encode(tape, pictures);
    }

    @Override
    public Tensor decode(Tape tape, Tensor latents) {
        pictureShape(latents.shape());
        return latents;
    }

    @Override
    public long decodeBytes(Shape pictures) {
        return 0;
    }

    @Override
    public long encodeBytes(Shape pictures) {
        return 0;
    }
}
