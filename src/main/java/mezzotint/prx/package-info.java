/** PRX, Photoroom's text-to-image transformer; tensors carry the names of the diffusers checkpoints. */
package mezzotint.prx;
