/** Flow matching on the straight path from data (t = 0) to noise (t = 1): what is predicted, and at which times. */
package mezzotint.flow;
