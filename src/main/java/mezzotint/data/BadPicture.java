package mezzotint.data;

/**
 * A picture that was left out.
 *
 * @param id the picture's id
 * @param reason why it cannot be read
 */
public record BadPicture(String id, String reason) {}
