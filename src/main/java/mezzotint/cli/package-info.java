/** The command line: {@link mezzotint.cli.Main} and one class per command. */
package mezzotint.cli;
