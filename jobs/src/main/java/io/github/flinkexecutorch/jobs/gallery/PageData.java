package io.github.flinkexecutorch.jobs.gallery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;

/**
 * What the page's script reads: the run's figures, a row for each image, and the thumbnails, which
 * are elements of their own so that the first rows are drawn before the last thumbnail is read.
 */
final class PageData {
  private static final List<String> OF_CAPTION =
      List.of(
          "caption",
          "finish_reason",
          "prompt_tokens",
          "generated_tokens",
          "queue_ms",
          "inference_ms",
          "width",
          "height");
  private static final List<String> OF_FAILURE = List.of("kind", "message", "stage");

  private record Row(Spool spool, Spool.Entry entry, boolean failed) {}

  private final List<Row> rows = new ArrayList<>();
  private final long leftOut;
  private final Spool captions;
  private final Spool failures;
  private final Totals totals;
  private final RunFigures figures;

  PageData(Spool captions, Spool failures, Totals totals, RunFigures figures, int mostShown) {
    this.captions = captions;
    this.failures = failures;
    this.totals = totals;
    this.figures = figures;
    failures.entries().stream()
        .limit(mostShown)
        .forEach(entry -> rows.add(new Row(failures, entry, true)));
    captions.entries().stream()
        .limit(mostShown - rows.size())
        .forEach(entry -> rows.add(new Row(captions, entry, false)));
    rows.sort(Comparator.comparing(row -> row.entry().id()));
    leftOut = (long) captions.entries().size() + failures.entries().size() - rows.size();
  }

  void writeRun(Writer out) throws IOException {
    ObjectNode run = Spool.JSON.createObjectNode();
    run.put("seconds", figures.seconds())
        .put("imagesPerSecond", figures.imagesPerSecond())
        .put("tokensPerSecond", figures.tokensPerSecond())
        .put("captioned", captions.entries().size())
        .put("failed", failures.entries().size())
        .put("leftOut", leftOut)
        .put("promptTokens", totals.promptTokens())
        .put("generatedTokens", totals.generatedTokens())
        .putPOJO("models", totals.models())
        .putPOJO("options", figures.options());
    ArrayNode throughput = run.putArray("throughput");
    for (Throughput.Step step : Throughput.of(figures.progress())) {
      throughput.addArray().add(step.seconds()).add(step.imagesPerSecond());
    }
    out.write(inScript(run));
  }

  void writeRows(Writer out) throws IOException {
    String separator = "[\n";
    for (Row row : rows) {
      out.write(separator);
      out.write(inScript(of(row)));
      separator = ",\n";
    }
    out.write(rows.isEmpty() ? "[]" : "\n]");
  }

  private ObjectNode of(Row row) throws IOException {
    JsonNode record = row.spool().read(row.entry());
    ObjectNode known = Spool.JSON.createObjectNode().put("id", row.entry().id());
    if (!record.path("image").asText().equals(row.entry().id())) {
      known.put("image", record.path("image").asText());
    }
    for (String field : row.failed() ? OF_FAILURE : OF_CAPTION) {
      if (record.has(field)) {
        known.set(field, record.get(field));
      }
    }
    return row.failed() ? known : known.put("model", totals.modelOf(record));
  }

  void writeThumbnails(Writer out, int from, int to) throws IOException {
    for (int i = from; i < Math.min(to, rows.size()); i++) {
      Row row = rows.get(i);
      String thumbnail = row.spool().read(row.entry()).path("thumbnail").asText();
      if (isBase64(thumbnail)) {
        out.write("<script type=\"text/plain\" id=\"t" + i + "\">" + thumbnail + "</script>\n");
      }
    }
  }

  private static boolean isBase64(String text) {
    try {
      return Base64.getDecoder().decode(text).length > 0;
    } catch (IllegalArgumentException e) {
      return false; // and so nothing that could end the element early
    }
  }

  /** Without {@code <}, so that no text can end the script element or open a comment in it. */
  private static String inScript(JsonNode node) throws IOException {
    return Spool.JSON.writeValueAsString(node).replace("<", "\\u003c");
  }
}
