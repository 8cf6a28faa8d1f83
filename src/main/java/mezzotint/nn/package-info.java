/** Parameters and the small modules that several networks share. */
package mezzotint.nn;
