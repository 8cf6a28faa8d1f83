package mezzotint.text.cleaning;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The cleaner that DeepFloyd IF introduced and PRX's latent models were trained with: rules in a fixed order, each a pattern
 * and what it is replaced by. It loses words on purpose and some by accident; the order is part of it.
 *
 * @see <a href="https://github.com/deep-floyd/IF">DeepFloyd IF</a>
 */
final class FullCleaning {
    /** Two versions of the rules are in use. */
    enum Variant {
        /** In the published models' pipeline; two patterns for curly quotes match none. */
        DIFFUSERS,
        /** In PRX's own code. */
        NATIVE
    }

    private record Rule(Pattern pattern, String replacement) {
        static Rule of(String pattern, String replacement) {
            return new Rule(Pattern.compile(PythonText.translated(pattern)), replacement);
        }

        String apply(String text) {
            return pattern.matcher(text).replaceAll(replacement);
        }
    }

    private static final String FILES = "png|jpg|jpeg|bmp|webp|eps|pdf|apk|mp4";
    private static final int DASHES_KEPT = 3;
    private static final Pattern DASH_OR_LINE = Pattern.compile("[-_]");

    private static final List<Rule> ADDRESSES = List.of(
            Rule.of("<person>", "person"),
            Rule.of(
                    "\\b(?:(?:https?|www):(?:/{1,3}|[a-zA-Z0-9%])"
                            + "|[a-zA-Z0-9.\\-]+[.](?:com|co|ru|net|org|edu|gov|it)[\\w/-]*\\b/?(?!@))",
                    ""),
            Rule.of("@\\w+\\b", ""),
            // Ideographs of China, Japan and Korea, and their neighbours; seven blocks one after the other, which is one.
            Rule.of("[\\u31c0-\\u9fff]+", ""),
            Rule.of(
                    "[\\-\\u058a\\u05be\\u1400\\u1806\\u2010-\\u2015\\u2e17\\u2e1a\\u2e3a\\u2e3b\\u2e40\\u301c\\u3030"
                            + "\\u30a0\\ufe31\\ufe32\\ufe58\\ufe63\\uff0d]+",
                    "-"));

    private static final List<Rule> DIFFUSERS_QUOTES = List.of(Rule.of("[`\\u00b4«»\\u00a8]", "\""));
    private static final List<Rule> NATIVE_QUOTES =
            List.of(Rule.of("[`\\u00b4«»“”\\u00a8]", "\""), Rule.of("[‘’]", "'"));

    private static final List<Rule> NUMBERS_AND_MARKS = List.of(
            Rule.of("&quot;?", ""),
            Rule.of("&amp", ""),
            Rule.of("\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}", " "),
            Rule.of("\\d:\\d\\d\\s+\\z", ""),
            Rule.of("\\\\n", " "),
            Rule.of("#\\d{1,3}\\b", ""),
            Rule.of("#\\d{5,}\\b", ""),
            Rule.of("\\b\\d{6,}\\b", ""),
            // A name begins where its word does: looking from every letter of a long word would take its length squared.
            Rule.of("(?<!\\S)\\S+\\.(?:" + FILES + ")", ""),
            Rule.of("[\"']{2,}", "\""),
            Rule.of("[.]{2,}", " "),
            Rule.of("[#®•©™&@·º½¾¿¡§~)(\\]\\[}{|\\\\/*]+", " "),
            Rule.of("\\s+\\.\\s+", " "));

    private static final List<Rule> CODES_AND_SPAM = List.of(
            Rule.of("\\b[a-zA-Z]{1,3}\\d{3,15}\\b", ""),
            Rule.of("\\b[a-zA-Z]+\\d+[a-zA-Z]+\\b", ""),
            Rule.of("\\b\\d+[a-zA-Z]+\\d+\\b", ""),
            Rule.of("(?:worldwide\\s+)?(?:free\\s+)?shipping", ""),
            Rule.of("(?:free\\s)?download(?:\\sfree)?", ""),
            Rule.of("\\bclick\\b\\s(?:for|on)\\s\\w+", ""),
            Rule.of("\\b(?:" + FILES + ")(?:\\simages?)?", ""),
            Rule.of("\\bpage\\s+\\d+\\b", ""),
            Rule.of("\\b\\d*[a-zA-Z]+\\d+[a-zA-Z]+\\d+[a-zA-Z\\d]*\\b", " "),
            Rule.of("\\b\\d+\\.?\\d*[x\\u0445×]\\d+\\.?\\d*\\b", ""), // a Latin x, a Cyrillic one, a cross
            Rule.of("\\b\\s+:\\s+", ": "),
            Rule.of("(\\D[,./])\\b", "$1 "),
            Rule.of("\\s+", " "));

    private static final List<Rule> EDGES = List.of(
            Rule.of("^[\"']([\\w\\W]+)[\"']\\z", "$1"),
            Rule.of("^['_,\\-:;]", ""),
            Rule.of("['_,\\-:+]\\z", ""),
            Rule.of("^\\.\\S+\\z", ""));

    private FullCleaning() {}

    /** The prompt after all rules. */
    static String clean(String prompt, Variant variant) {
        String y = PythonText.lower(PythonText.strip(PythonText.unquotePlus(prompt)));
        y = apply(ADDRESSES, y);
        y = apply(variant == Variant.NATIVE ? NATIVE_QUOTES : DIFFUSERS_QUOTES, y);
        y = apply(NUMBERS_AND_MARKS, y);
        if (DASH_OR_LINE.matcher(y).results().count() > DASHES_KEPT) {
            y = DASH_OR_LINE.matcher(y).replaceAll(" ");
        }
        y = apply(CODES_AND_SPAM, PromptCleaner.basic(y));
        if (variant == Variant.NATIVE) {
            y = PythonText.strip(y); // diffusers forgets to keep what it stripped
        }
        return PythonText.strip(apply(EDGES, y));
    }

    private static String apply(List<Rule> rules, String text) {
        String y = text;
        for (Rule rule : rules) {
            y = rule.apply(y);
        }
        return y;
    }
}
