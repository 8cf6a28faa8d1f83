package mezzotint.data;

/** What to do about a picture that cannot be decoded. */
public enum OnBadPicture {
    /** Stop with its {@link mezzotint.image.UnreadableImageException}. */
    FAIL,
    /** Leave it out, and report it once. */
    SKIP_AND_REPORT
}
