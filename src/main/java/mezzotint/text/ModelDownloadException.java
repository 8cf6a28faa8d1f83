package mezzotint.text;

/** A pretrained model could not be downloaded; the message says what was tried and what to do instead. */
public final class ModelDownloadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param artifact what was wanted
     * @param problem what happened
     */
    ModelDownloadException(MavenArtifact artifact, String problem) {
        super(("cannot download %s: %s. Install Maven and check the network, or fetch the jar elsewhere and put it"
                        + " at %s of your local Maven repository.")
                .formatted(artifact, problem, artifact.repositoryPath()));
    }
}
