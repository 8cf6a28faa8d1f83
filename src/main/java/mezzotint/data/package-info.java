/**
 * Captioned pictures and the batches made of them: folders, the starter set, the fetched emoji, the loader.
 *
 * <h2>Why</h2>
 * <ul>
 *   <li>Starter pictures are the 64 px PNG files of {@code emoji-datasource-google} byte for byte, 201 KB for 64: no
 *       SVG renderer, no re-encoding, so rebuilding the folder can be checked to the bit. Names come from CLDR alone,
 *       which has all 41 languages (emojibase has 28 locales, neither Turkish nor Arabic among them).
 *   <li>15 languages are trained, Dutch and Czech held out: of their 64 names 10 and 7 are spelt as in some trained
 *       language, so held-out accuracy above 10/64 comes from kinship, not from equal strings.
 *   <li>A batch is a pure function of (seed, epoch, position): order and captions come from {@code SplittableRandom}
 *       seeded by these, so neither the prefetch thread's timing nor a resume can change a bit.
 * </ul>
 */
package mezzotint.data;
