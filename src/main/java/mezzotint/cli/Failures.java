package mezzotint.cli;

import java.io.UncheckedIOException;
import java.util.List;
import mezzotint.ablation.InvalidLogbookException;
import mezzotint.data.DatasetException;
import mezzotint.data.FetchException;
import mezzotint.image.UnreadableImageException;
import mezzotint.io.FileReadException;
import mezzotint.io.FileWriteException;
import mezzotint.io.InconsistentShardsException;
import mezzotint.io.MalformedJsonException;
import mezzotint.io.MalformedSafeTensorsException;
import mezzotint.io.MissingTensorException;
import mezzotint.io.PickledWeightsException;
import mezzotint.io.UnsupportedDTypeException;
import mezzotint.kernel.DeviceUnavailableException;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.cuda.ModuleRefusedException;
import mezzotint.kernel.evidence.PtxAssemblyException;
import mezzotint.latent.InvalidCodecConfigException;
import mezzotint.prx.InvalidPrxConfigException;
import mezzotint.sampling.InsufficientMemoryException;
import mezzotint.sampling.ModelFormatException;
import mezzotint.sampling.SamplingRequestException;
import mezzotint.tensor.ArenaExhaustedException;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.text.MalformedBundleException;
import mezzotint.text.MissingLibraryException;
import mezzotint.text.ModelDownloadException;
import mezzotint.text.TextFormatException;
import mezzotint.text.UnknownTextEncoderException;
import mezzotint.training.InvalidCheckpointException;
import mezzotint.training.InvalidTrainingConfigException;
import mezzotint.training.NonFiniteLossException;
import mezzotint.training.NonFiniteStateException;
import mezzotint.training.technique.MissingFeaturesException;
import mezzotint.vision.InvalidVisionConfigException;

/** Tells the user's mistakes and the system's refusals, which want one sentence, from bugs, which want a trace. */
final class Failures {
    private static final List<Class<? extends Throwable>> REFUSALS = List.of(
            UserMistake.class,
            DeviceUnavailableException.class,
            CudaException.class,
            PtxAssemblyException.class,
            ModuleRefusedException.class,
            DatasetException.class,
            FetchException.class,
            UnreadableImageException.class,
            FileReadException.class,
            FileWriteException.class,
            InconsistentShardsException.class,
            MalformedJsonException.class,
            MalformedSafeTensorsException.class,
            MissingTensorException.class,
            PickledWeightsException.class,
            UnsupportedDTypeException.class,
            InvalidPrxConfigException.class,
            InsufficientMemoryException.class,
            ModelFormatException.class,
            InvalidCodecConfigException.class,
            SamplingRequestException.class,
            ArenaExhaustedException.class,
            ShapeMismatchException.class,
            MalformedBundleException.class,
            MissingLibraryException.class,
            ModelDownloadException.class,
            TextFormatException.class,
            UnknownTextEncoderException.class,
            InvalidCheckpointException.class,
            InvalidLogbookException.class,
            InvalidTrainingConfigException.class,
            NonFiniteLossException.class,
            NonFiniteStateException.class,
            MissingFeaturesException.class,
            InvalidVisionConfigException.class,
            UncheckedIOException.class,
            OutOfMemoryError.class);

    private Failures() {}

    /** Whether the library says with it that input or system are not as they should be. */
    static boolean isRefusal(Throwable failure) {
        return REFUSALS.stream().anyMatch(type -> type.isInstance(failure));
    }

    /** Its message on one line. */
    static String sentence(Throwable failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return "mezzotint: " + message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
