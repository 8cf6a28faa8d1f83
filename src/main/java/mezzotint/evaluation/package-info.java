/** How good drawn pictures are. */
package mezzotint.evaluation;
