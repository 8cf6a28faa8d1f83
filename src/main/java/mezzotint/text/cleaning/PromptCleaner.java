package mezzotint.text.cleaning;

import java.util.Locale;

/** What is done to a prompt before it is cut into tokens; which one is a property of the model. */
public enum PromptCleaner {
    /** Nothing. */
    NONE,

    /** Mends encoding mistakes, decodes HTML's entities twice and strips white space: pixel models, and latent ones on request. */
    BASIC,

    /** {@link #BASIC} after lower-casing and removing addresses, file names, punctuation and more: diffusers' latent pipeline. */
    FULL,

    /** {@link #FULL} as PRX's own code has it; the two differ where quotes are curly and where an edge was removed. */
    FULL_NATIVE;

    /** The prompt as the tokenizer is to see it; never longer than a few times the prompt. */
    public String clean(String prompt) {
        return switch (this) {
            case NONE -> prompt;
            case BASIC -> basic(prompt);
            case FULL -> FullCleaning.clean(prompt, FullCleaning.Variant.DIFFUSERS);
            case FULL_NATIVE -> FullCleaning.clean(prompt, FullCleaning.Variant.NATIVE);
        };
    }

    /** The name in settings and on the command line, such as {@code full-native}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String basic(String prompt) {
        return PythonText.strip(HtmlEntities.unescape(HtmlEntities.unescape(TextFixer.fix(prompt))));
    }
}
