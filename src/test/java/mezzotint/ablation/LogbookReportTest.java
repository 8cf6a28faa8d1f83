package mezzotint.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import mezzotint.ablation.RunRecord.Failed;
import mezzotint.ablation.RunRecord.Finished;
import mezzotint.ablation.RunRecord.Provenance;
import mezzotint.image.PngFile;
import mezzotint.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class LogbookReportTest {
    private static final Provenance FROM =
            new Provenance("abc", "0", JsonNodeFactory.instance.objectNode(), "m", "2026-01-01T00:00:00Z");

    private final Logbook logbook = new LogbookFile()
            .parse(
                    LogbookFileTest.LOGBOOK
                            .replace("v-prediction", "v <prediction> & \\\"more\\\"")
                            .replace("title: v <prediction> & \\\"more\\\"", "title: 'v <prediction> & \"more\"'"),
                    "test");

    @TempDir
    private Path folder;

    private static Finished finished(String variant, long seed, double loss) {
        var metrics = new LinkedHashMap<String, Measure>();
        metrics.put("accuracy", new Measure(0.5, 0.4, 0.6, false));
        metrics.put("loss", Measure.of(loss, true));
        return new Finished(
                new RunKey(variant, seed),
                FROM,
                new RunResult(
                        10,
                        320,
                        50,
                        List.of(2 * loss, loss),
                        List.of(20L, 40L),
                        List.of(1.0, 2.0, Double.NaN),
                        metrics));
    }

    private List<RunRecord> records() {
        return new ArrayList<>(List.of(
                finished("baseline", 3, 1),
                new Failed(new RunKey("velocity", 3), FROM, "the loss is <no> number"),
                finished("velocity", 3, 1.5),
                finished("baseline", 5, 1.1),
                finished("velocity", 5, 1.6)));
    }

    @Test
    void saysWhatWasFoundBesideWhatWasExpected() {
        String table = new LogbookReport(logbook, folder, records()).markdown();
        String row = table.lines()
                .filter(line -> line.startsWith("| v <"))
                .findFirst()
                .orElseThrow();
        assertTrue(row.contains("| worse | worse: higher by 0.5000 (+47.6 %)"), row);
        assertTrue(row.contains("worse: 17 → 40 (JiT)"), row);
        assertTrue(table.contains("4 of 6 runs finished, 1 failed"), table);
        assertTrue(table.contains("| velocity-slow | – | v <prediction>"), table);
    }

    @Test
    void thePageStandsAlone() throws IOException {
        Path run = Files.createDirectories(folder.resolve("runs/baseline-3"));
        PngFile.write(run.resolve(LogbookReport.SAMPLES), RgbImage.filled(4, 4, 0xff0000), Map.of());
        new LogbookReport(logbook, folder, records()).write(folder);
        String html = Files.readString(folder.resolve("report.html"));
        assertFalse(Pattern.compile("(?:src|href)=\"(?!data:)").matcher(html).find(), "nothing is loaded");
        assertFalse(html.contains("<prediction>") || html.contains("<no>"), "text is escaped");
        assertTrue(html.contains("data:image/png;base64,iVBOR"));
        assertTrue(html.contains("the loss is &lt;no&gt; number"));
        assertTrue(html.contains("<em>agrees</em>"));
        assertTrue(html.indexOf("<h2>loss</h2>") < html.indexOf("<h2>accuracy</h2>"), "the headline first");
    }

    @Test
    void drawingsAreWellFormedAndInTheirFrame() throws Exception {
        String html = new LogbookReport(logbook, folder, records()).html();
        var drawings =
                Pattern.compile("(?s)<svg.*?</svg>").matcher(html).results().toList();
        assertEquals(3, drawings.size(), "two metrics and the losses");
        for (var drawing : drawings) {
            var document = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(drawing.group())));
            String[] box = document.getDocumentElement().getAttribute("viewBox").split(" ", -1);
            var lines = document.getElementsByTagName("line");
            for (int i = 0; i < lines.getLength(); i++) {
                var line = (org.w3c.dom.Element) lines.item(i);
                assertInside(line.getAttribute("x1"), box[2]);
                assertInside(line.getAttribute("x2"), box[2]);
                assertInside(line.getAttribute("y1"), box[3]);
                assertInside(line.getAttribute("y2"), box[3]);
            }
        }
    }

    private static void assertInside(String value, String most) {
        double number = Double.parseDouble(value);
        assertTrue(number >= 0 && number <= Double.parseDouble(most), value + " of " + most);
    }

    @Test
    void hasNothingToShowAtFirst() {
        String html = new LogbookReport(logbook, folder, List.of()).html();
        assertTrue(html.contains("0 of 6 runs finished") && html.contains("no curve yet"), html);
    }
}
