package mezzotint.text.cleaning;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Pairs of characters that hardly anybody writes, and that text in UTF-8 turns into when it is read in another encoding.
 *
 * <p>The classes of characters and the pairs are those that ftfy found to tell mojibake from text.
 *
 * @see <a href="https://doi.org/10.5281/zenodo.2591652">Speer 2019, ftfy; the tables are those of version 6.3.1, Apache-2.0</a>
 */
final class MojibakeSigns {
    private static final String COMMON = "\\u00a0\\u00ad·\\u00b4–—―…’";
    private static final String C1 = "\\u0080-\\u009f";
    private static final String BAD = "¦¤\\u00a8¬\\u00af\\u00b8ƒ\\u02c6\\u02c7\\u02d8\\u02db\\u02dc†‡‰⌐◊\\ufffdªº";
    private static final String LAW = "¶§";
    private static final String CURRENCY = "¢£¥₧€";
    private static final String OPENING = "¡«¿©\\u0384\\u0385‘‚“„•‹\\uf8ff";
    private static final String CLOSING = "®»\\u02dd”›™";
    private static final String NUMERIC = "²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№";

    /** Letters that faces are drawn with, and so excused beside other signs. */
    private static final String FACES = "Ò-ÖÙ-Üò-öø-üŐŌŪŲ°";

    private static final String UPPER = "À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ";
    private static final String LOWER = "ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґ\\ufb01\\ufb02";
    private static final String UPPER_COMMON = "ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я";
    private static final String LOWER_COMMON = "α-ωάέήίΰа-џ";
    private static final String BOX = "│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓";

    private static final Pattern PAIRS = Pattern.compile(PythonText.translated(String.join("|", pairs())));

    private MojibakeSigns() {}

    /** Whether it looks as if it had been decoded wrongly; long text does more easily. */
    static boolean isBad(String text) {
        return PAIRS.matcher(text).find();
    }

    private static List<String> pairs() {
        return List.of(
                in(C1),
                in(BAD, LOWER, UPPER, BOX, OPENING, CLOSING, CURRENCY, NUMERIC, LAW) + in(BAD),
                "[a-zA-Z]" + in(LOWER_COMMON, UPPER_COMMON) + in(BAD),
                in(BAD) + in(LOWER, UPPER, BOX, OPENING, CLOSING, CURRENCY, NUMERIC, LAW),
                in(LOWER, LOWER_COMMON, BOX, CLOSING, CURRENCY, NUMERIC) + in(UPPER),
                in(BOX, CLOSING, CURRENCY, NUMERIC) + in(LOWER),
                in(LOWER, BOX, CLOSING) + in(CURRENCY),
                "\\s" + in(UPPER) + in(CURRENCY),
                in(UPPER, BOX) + in(NUMERIC, LAW),
                in(LOWER, UPPER, BOX, CURRENCY, CLOSING) + in(OPENING) + in(NUMERIC),
                in(LOWER, UPPER, CURRENCY, NUMERIC, BOX, LAW) + in(CLOSING) + in(OPENING),
                in(CURRENCY, NUMERIC, BOX) + in(OPENING),
                "[a-z]" + in(UPPER) + in(OPENING, CURRENCY),
                in(BOX) + in(FACES),
                in(LOWER, UPPER, CURRENCY, NUMERIC, OPENING, CLOSING, LAW) + in(BOX),
                in(BOX) + in(CLOSING),
                in(LOWER, UPPER) + in(OPENING, CLOSING) + "\\w",
                "[Œœ][^A-Za-z]",
                in(UPPER) + "°",
                latin(),
                macintosh(),
                cyrillicAndGreek());
    }

    private static String latin() {
        String arabic = "[ØÙ]" + in(COMMON, CURRENCY, BAD, NUMERIC, OPENING, "ŸŠ®°µ»");
        return String.join(
                "|",
                "[ÂÃÎÐ]" + in("€œŠš¢£Ÿž\\u00a0\\u00ad®©°·»", OPENING, CLOSING, "–—\\u00b4"),
                "×[²³]",
                arabic + arabic,
                "à[²µ¹¼½¾]", // scripts of South Asia
                "Ã[\\u00a0¡]", // à and á
                "[a-z]\\s?[ÃÂ][ ]",
                "^[ÃÂ][ ]",
                "[a-z.,?!" + CLOSING + "]Â" + in(" ", OPENING, CLOSING));
    }

    private static String macintosh() {
        return "√[±∂†≠®™\\u00b4≤≥¥µø]|≈[°¢]|‚Ä[ìîïòôúùû†°¢π]|‚[âó][àä°ê]";
    }

    private static String cyrillicAndGreek() {
        return String.join(
                "|",
                "вЂ",
                "[ВГРС]" + in(C1, BAD, OPENING, CLOSING, CURRENCY, "°µ") + "[ВГРС]",
                "ГўВЂВ[^\\n][A-Za-z ]", // Cyrillic read as Latin-1 and then as Windows-1251
                "β€[™\\u00a0Ά\\u00ad®°]",
                "[ΒΓΞΟ]" + in(C1, BAD, OPENING, CLOSING, CURRENCY, "°") + "[ΒΓΞΟ]",
                "ā€");
    }

    private static String in(String... classes) {
        return "[" + String.join("", classes) + "]";
    }
}
