/**
 * Files: safetensors, the diffusers folder layout, JSON, and writing whole or not at all.
 *
 * <h2>Why</h2>
 *
 * <ul>
 *   <li>Own safetensors code, because Maven Central has none; it agrees with the reference library 0.8.0 on 52 recorded
 *       files, valid and malformed.
 *   <li>Mapped, not read: opening costs the header alone, and 14 GB of weights need no second copy.
 *   <li>Write beside, sync, rename, sync the folder: a full disk or a power cut leaves the old file or the new one.
 * </ul>
 */
package mezzotint.io;
