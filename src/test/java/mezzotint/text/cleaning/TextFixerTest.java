package mezzotint.text.cleaning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What ftfy 6.3.1 says, example by example. */
class TextFixerTest {
    @Test
    void mendsMojibake() {
        Map.of(
                        "schÃ¶n fÃ¼r", "schön für",
                        "cafÃƒÂ©", "café",
                        "âœ” check", "✔ check",
                        "ðŸ˜€ smile", "😀 smile",
                        "РџСЂРёРІРµС‚", "Привет",
                        "Ã  la plage", "à la plage",
                        "lâ\u0080\u0099humanité", "l'humanité",
                        "são paulo", "são paulo",
                        "Å vs Å", "Å vs Å")
                .forEach((broken, whole) -> assertEquals(whole, TextFixer.fix(broken)));
    }

    @Test
    void undoesWhatProgramsDo() {
        Map.ofEntries(
                        Map.entry("“it’s”", "\"it's\""),
                        Map.entry("ﬂuﬃ ŉ Ǆ ﬅ", "fluffi 'n DŽ ſt"),
                        Map.entry("ｆｕｌｌ　ﾊﾝ", "full ハン"),
                        Map.entry("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
                        Map.entry("x\ud83dy", "x\ufffdy"),
                        Map.entry("\u001b[36;44mblue\u001b[0m", "blue"),
                        Map.entry("\u0000nul\u0007 \ufeffbom\u200d", "nul bom\u200d"),
                        Map.entry("e\u0301", "é"),
                        Map.entry("\u0085nel", "…nel"))
                .forEach((broken, whole) -> assertEquals(whole, TextFixer.fix(broken)));
    }

    @Test
    void decodesEntitiesUnlessTheLineIsHtml() {
        assertEquals("a & b", TextFixer.fix("a &amp; b"));
        assertEquals("&amp; <b>&amp;", TextFixer.fix("&amp; <b>&amp;"));
        assertEquals("é\n<b>\n&eacute;", TextFixer.fix("&eacute;\n<b>\n&eacute;")); // from there on
        assertEquals("PÉREZ STRASSE &nTILDE; &copy", TextFixer.fix("P&EACUTE;REZ STRA&SZLIG;E &nTILDE; &copy"));
    }

    @Test
    void decodesEveryReferenceThatABrowserDecodes() {
        Map.ofEntries(
                        Map.entry("&copy &notit; &amp", "© ¬it; &"),
                        Map.entry("&#128;&#x9f;&#0;&#xD800;&#1114112;", "€Ÿ\ufffd\ufffd\ufffd"),
                        Map.entry("&#99999999999999999999;", "\ufffd"),
                        Map.entry("&#1;&#11;&#xfdd0;&#x1fffe;", ""),
                        Map.entry("&#x1F600", "😀"),
                        Map.entry("&#13;&#9;", "\r\t"),
                        Map.entry("&NotEqualTilde;", "≂\u0338"),
                        Map.entry("&unknown; & &;", "&unknown; & &;"))
                .forEach((text, decoded) -> assertEquals(decoded, HtmlEntities.unescape(text)));
    }

    @Test
    void decodesVariantsOfUtf8AndNothingElse() {
        assertEquals(Optional.of("a\u0000é"), VariantUtf8.decode("a\u00c0\u0080\u00c3\u00a9"));
        assertEquals(Optional.of("x💩y"), VariantUtf8.decode("x\u00ed\u00a0\u00bd\u00ed\u00b2\u00a9y"));
        assertEquals(Optional.of("한"), VariantUtf8.decode("\u00ed\u0095\u009c"));
        assertEquals(Optional.empty(), VariantUtf8.decode("\u00ed\u00a0\u00bd"));
        assertEquals(Optional.empty(), VariantUtf8.decode("\u00c3"));
        assertEquals(Optional.empty(), VariantUtf8.decode("\u00c0\u0081"));
    }

    /** What is mended is what was broken: letters of Latin-1 in UTF-8, read as Windows-1252, between words. */
    @Property(tries = 200)
    void mendsEveryLowerCaseLetterOfLatin1(@ForAll @IntRange(min = 0xe0, max = 0xff) int letter) {
        String whole = "the caf" + Character.toString(letter) + " of paris";
        String broken = new String(whole.getBytes(StandardCharsets.UTF_8), Charset.forName("windows-1252"));
        boolean isLost = broken.indexOf('\ufffd') >= 0; // a byte that Windows leaves open
        assertEquals(isLost ? whole.replace(Character.toString(letter), "\ufffd") : whole, TextFixer.fix(broken));
    }
}
