package mezzotint.vision;

import mezzotint.autograd.EncoderOperations;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.tensor.Tensor;

/**
 * A convolution with its folded normalisation, and max(·, 0).
 *
 * @param weight (O, C, kh, kw)
 * @param bias (O)
 */
record InceptionUnit(Parameter weight, Parameter bias, ConvolutionGeometry geometry) {

    /** x (B, height, width, C) → (B, h, w, O). */
    Tensor apply(Tape tape, Tensor x) {
        EncoderOperations encoders = tape.encoders();
        return encoders.relu(encoders.convolution(x, weight, bias, geometry));
    }
}
