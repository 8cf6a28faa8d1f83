package mezzotint.text;

/**
 * How far a conversion has come.
 *
 * @param done bytes read
 * @param total bytes to read, &gt; 0
 */
public record ConversionProgress(long done, long total) {}
