package mezzotint.ablation;

import java.util.List;

/** The parts of a report's page that say nothing of its content. */
final class ReportPage {
    private static final String STYLE = """
        :root { --ink: #1d1d1f; --soft: #6e6e73; --line: #e3e3e6; --paper: #ffffff; --card: #fafafa; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #f2f2f4; --soft: #a1a1a6; --line: #3a3a3d; --paper: #161617; --card: #1f1f21; }
        }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 920px; margin: 0 auto; padding: 40px 20px 80px; }
        h1 { font-size: 30px; margin: 0 0 4px; letter-spacing: -0.01em; }
        h2 { font-size: 20px; margin: 44px 0 12px; }
        h3 { font-size: 16px; margin: 0 0 6px; } h3 small { color: var(--soft); font-weight: normal; }
        .question { font-size: 18px; margin: 0 0 8px; } .summary, figcaption, .none { color: var(--soft); }
        .cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); }
        .card { background: var(--card); border: 1px solid var(--line); border-left: 5px solid #8e8e93;
                border-radius: 8px; padding: 14px 16px; }
        .card.better { border-left-color: #009e73; } .card.worse { border-left-color: #d55e00; }
        .card p { margin: 6px 0; } .card b { color: var(--soft); font-weight: 600; margin-right: 4px; }
        .change code { font-size: 12px; word-break: break-word; } em { font-style: normal; font-weight: 600; }
        figure { margin: 0; } svg { width: 100%; height: auto; display: block; }
        svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .tick { fill: var(--soft); }
        svg .grid { stroke: var(--line); } svg .axis { stroke: var(--soft); }
        svg .whisker { stroke: var(--ink); stroke-width: 1.5; } svg .seed { fill: var(--ink); fill-opacity: 0.7; }
        .samples { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); }
        .samples img { width: 100%; image-rendering: pixelated; border-radius: 6px; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; width: 100%; }
        th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th { color: var(--soft); font-weight: 600; }
        """;

    private ReportPage() {}

    static String head(String title) {
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>%s</title>
            <style>
            %s</style>
            </head>
            <main>
            """.formatted(Svg.escape(title), STYLE);
    }

    static String table(List<String> head, List<List<String>> rows) {
        StringBuilder out = new StringBuilder("<div class=\"scroll\"><table>\n<tr>");
        head.forEach(cell -> out.append("<th>").append(Svg.escape(cell)).append("</th>"));
        out.append("</tr>\n");
        for (List<String> row : rows) {
            out.append("<tr>");
            row.forEach(cell -> out.append("<td>").append(Svg.escape(cell)).append("</td>"));
            out.append("</tr>\n");
        }
        return out.append("</table></div>\n").toString();
    }
}
