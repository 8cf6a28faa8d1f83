package mezzotint.text;

/** Turns a prompt into ids of word pieces, special tokens included, cut to a length that was set before. */
@FunctionalInterface
interface PromptTokenizer {
    /** At least one id. */
    int[] ids(String prompt);
}
