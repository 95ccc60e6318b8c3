package io.github.flinkexecutorch.jobs.captioning;

import static io.github.flinkexecutorch.connector.FailureKind.MALFORMED;
import static io.github.flinkexecutorch.connector.FailureKind.TOO_LARGE;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.jobs.files.LineReader;
import java.io.IOException;
import org.apache.flink.core.fs.Path;

/** A manifest with one JSON object a line; blank lines are left out, unknown fields ignored. */
final class JsonManifest implements References {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path file;
  private final LineReader lines;
  private final int maxBytes;
  private byte[] text;
  private long line;

  private JsonManifest(Path file, LineReader lines, int maxBytes) {
    this.file = file;
    this.lines = lines;
    this.maxBytes = maxBytes;
  }

  /**
   * @param maxBytes of a line; a longer one is rejected, and not held
   */
  static JsonManifest open(Path file, int maxBytes) throws IOException {
    LineReader lines = new LineReader(file.getFileSystem().open(file), 0, maxBytes);
    return new JsonManifest(file, lines, maxBytes);
  }

  /** Lines that are not blank. */
  static long countLines(Path file, int maxBytes) throws IOException {
    long count = 0;
    try (JsonManifest manifest = open(file, maxBytes)) {
      while (manifest.readLine()) {
        count++;
      }
    }
    return count;
  }

  @Override
  public ImageReference next() throws IOException {
    if (!readLine()) {
      return null;
    }
    ManifestRow row = new ManifestRow(file, line);
    if (lines.isCut() || text.length > maxBytes) {
      String message =
          "The line has %d bytes, above the limit of %d (%s)."
              .formatted(lines.bytes(), maxBytes, ExecuTorchOptions.MAX_RECORD_SIZE.key());
      return row.rejected(null, TOO_LARGE, message, null);
    }
    return parse(new String(text, UTF_8), row);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  private boolean readLine() throws IOException {
    while (lines.next()) {
      line++;
      text = lines.content();
      if (text.length > 0 || lines.isCut()) {
        return true;
      }
    }
    return false;
  }

  private static ImageReference parse(String text, ManifestRow row) {
    JsonNode object;
    try {
      object = JSON.readTree(text);
    } catch (JsonProcessingException e) { // its message would quote the line
      return row.rejected(null, MALFORMED, "The line is no valid JSON.", e);
    }
    if (!object.isObject()) {
      return row.rejected(null, MALFORMED, "The line is no JSON object.", null);
    }
    for (String field : new String[] {ManifestRow.ID, ManifestRow.IMAGE, ManifestRow.PROMPT}) {
      JsonNode value = object.path(field);
      boolean fits = value.isTextual() || value.isMissingNode() || value.isNull();
      if (!fits && !(value.isIntegralNumber() && field.equals(ManifestRow.ID))) {
        return row.rejected(null, MALFORMED, "The field " + field + " is no string.", null);
      }
    }
    return row.reference(
        text(object, ManifestRow.ID),
        text(object, ManifestRow.IMAGE),
        text(object, ManifestRow.PROMPT));
  }

  private static String text(JsonNode object, String field) {
    return object.hasNonNull(field) ? object.get(field).asText() : null;
  }
}
