package mezzotint.text.cleaning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PythonTextTest {
    @Test
    void decodesPercentAndPlus() {
        assertEquals("✓ check %zz", PythonText.unquotePlus("%E2%9C%93+check+%zz"));
        assertEquals("a b", PythonText.unquotePlus("a+b"));
        assertEquals("é%", PythonText.unquotePlus("é%25"));
        assertEquals("%e", PythonText.unquotePlus("%e"));
        assertEquals("\ufffdx", PythonText.unquotePlus("%ffx"));
        assertEquals("%４１", PythonText.unquotePlus("%４１")); // full-width digits are no digits here
    }

    /** Python: 'ΟΔΥΣΣΕΥΣ'.lower() and so on. */
    @Test
    void aSigmaEndsAWordWhereNoLetterFollows() {
        assertEquals("οδυσσευς", PythonText.lower("ΟΔΥΣΣΕΥΣ"));
        assertEquals("σ", PythonText.lower("Σ"));
        assertEquals("ας12x", PythonText.lower("ΑΣ12X"));
        assertEquals("ασ'β", PythonText.lower("ΑΣ'Β"));
        assertEquals("α\u0301ς", PythonText.lower("Α\u0301Σ"));
        assertEquals("\ud801\udc28ς \ud801\udc28", PythonText.lower("\ud801\udc00Σ \ud801\udc00"));
        assertEquals("i\u0307", PythonText.lower("İ"));
    }

    @Test
    void stripsWhatPythonTakesForWhiteSpace() {
        assertEquals("a b", PythonText.strip("\u001c\u0085\u00a0\u2003\u3000 a b\u2028\u001f\t"));
        assertEquals("\u200ba", PythonText.strip("\u200ba "));
        assertEquals("", PythonText.strip(" \n"));
    }

    @Test
    void wordsEndWherePythonsDo() {
        Pattern word = Pattern.compile(PythonText.translated("\\b\\w+\\b"));
        assertTrue(word.matcher("naïve_½Ⅷ").matches());
        assertTrue(word.matcher("\ud840\udc00\ud840\udc01").matches());
        assertFalse(word.matcher("e\u0301").matches()); // a mark is no word character
        assertEquals(
                "x",
                Pattern.compile(PythonText.translated("[\\s]+"))
                        .matcher("\u001c x\u0085")
                        .replaceAll(""));
        assertTrue(Pattern.compile(PythonText.translated("[\\w\\W]+"))
                .matcher("\n😀 é")
                .matches());
        assertTrue(Pattern.compile(PythonText.translated("\\S\\D\\d"))
                .matcher("aé٣")
                .matches());
    }

    @Property(tries = 500)
    void oneCharacterIsSpaceInTextAndPatternAlike(@ForAll char c) {
        boolean matches = Pattern.compile(PythonText.translated("\\s"))
                .matcher(String.valueOf(c))
                .matches();
        assertEquals(PythonText.isSpace(c), matches);
    }
}
