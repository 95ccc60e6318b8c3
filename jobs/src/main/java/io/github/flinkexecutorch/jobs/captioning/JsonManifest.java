package io.github.flinkexecutorch.jobs.captioning;

import static io.github.flinkexecutorch.connector.FailureKind.MALFORMED;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import org.apache.flink.core.fs.Path;

/** A manifest with one JSON object a line; blank lines are left out, unknown fields ignored. */
final class JsonManifest implements References {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path file;
  private final BufferedReader reader;
  private long line;

  private JsonManifest(Path file, BufferedReader reader) {
    this.file = file;
    this.reader = reader;
  }

  static JsonManifest open(Path file) throws IOException {
    return new JsonManifest(
        file, new BufferedReader(new InputStreamReader(file.getFileSystem().open(file), UTF_8)));
  }

  /** Lines that are not blank. */
  static long countLines(Path file) throws IOException {
    try (JsonManifest manifest = open(file)) {
      return manifest.reader.lines().filter(line -> !line.isBlank()).count();
    }
  }

  @Override
  public ImageReference next() throws IOException {
    String text;
    do {
      text = reader.readLine();
      line++;
    } while (text != null && text.isBlank());
    return text == null ? null : parse(text, new ManifestRow(file, line));
  }

  @Override
  public void close() throws IOException {
    reader.close();
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
