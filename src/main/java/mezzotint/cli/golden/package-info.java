/** Recorded cases of the upstream implementations, and how each kind of them is run: what {@code mezzotint verify} does. */
package mezzotint.cli.golden;
