package io.github.flinkexecutorch.jobs.gallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.runtime.Sha256;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.util.Base64;

/** The page around the data: one template, one style sheet, one script. */
final class GalleryPage {
  private static final String PLACE = "{{";
  private static final int FIRST_PAGE = 60;

  /** Writes the template with its places, such as <code>{{rows}}</code>, filled. */
  static void write(Writer out, String title, PageData data) throws IOException {
    String style = resource("gallery.css");
    String script = resource("chart.js") + resource("gallery.js");
    String template = resource("gallery.html");
    int from = 0;
    for (int at = template.indexOf(PLACE); at >= 0; at = template.indexOf(PLACE, from)) {
      out.write(template, from, at - from);
      int end = template.indexOf("}}", at);
      switch (template.substring(at + PLACE.length(), end)) {
        case "policy" -> out.write(policy(style, script));
        case "title" -> out.write(escape(title));
        case "style" -> out.write(style);
        case "script" -> out.write(script);
        case "run" -> data.writeRun(out);
        case "rows" -> data.writeRows(out);
        // Those of the first page stand before the script, so that it draws them at once.
        case "first-thumbnails" -> data.writeThumbnails(out, 0, FIRST_PAGE);
        case "thumbnails" -> data.writeThumbnails(out, FIRST_PAGE, Integer.MAX_VALUE);
        default -> throw new IllegalStateException(template.substring(at, end));
      }
      from = end + 2;
    }
    out.write(template, from, template.length() - from);
  }

  /** Nothing is loaded, and of what stands in the page only our own style and script count. */
  private static String policy(String style, String script) {
    return "default-src 'none'; img-src data:; style-src '"
        + hash(style)
        + "'; script-src '"
        + hash(script)
        + "'; base-uri 'none'; form-action 'none'";
  }

  private static String hash(String content) {
    byte[] digest = Sha256.digest().digest(content.getBytes(UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = GalleryPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("The jar lacks the gallery's " + name);
      }
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private GalleryPage() {}
}
