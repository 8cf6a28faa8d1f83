/**
 * Pictures: eight-bit RGB in memory, reading, resizing, PNG with its parameters, and sheets of them.
 *
 * <h2>Why</h2>
 * <ul>
 *   <li>ImageIO with the TwelveMonkeys WebP reader: no native code. Grey pictures are read from their raster, because
 *       {@code getRGB} takes grey for linear light and turns 128 into 188.
 *   <li>Resizing follows Pillow's two fixed-point passes to the bit, since the published models saw Pillow's pixels.
 *   <li>Every resizing is a list of taps, a start and weights for each result: the same taps resize bytes, floats and, on the
 *       tape, what gradients flow through. Coordinates of PyTorch's modes are rounded to float32 as PyTorch rounds them; with
 *       that all 38 float cases agree to 4e-7 and Pillow's to the bit.
 *   <li>Sheets survive a machine without fonts: there the JDK throws ("Fontconfig head is null", "No physical fonts
 *       found"), so an ASCII font of 95 glyphs is built in, and every label that was replaced is listed.
 * </ul>
 */
package mezzotint.image;
