package io.github.flinkexecutorch.jobs.gallery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GalleryTest {
  private static final RunFigures FIGURES =
      new RunFigures("scenes", 2, 1.5, 30, Map.of(), List.of());

  @TempDir private Path folder;

  @Test
  void shouldWriteCaptionsByIdWithoutThumbnails() throws IOException {
    Gallery.Written written =
        write(
            Stream.of(
                "{\"id\":\"b\",\"caption\":\"a tree\",\"thumbnail\":\"AAAA\",\"more\":1}",
                "{\"id\":\"a\",\"caption\":\"a \u00e9t\u00e9\"}"),
            Stream.empty());

    assertThat(Files.readAllLines(folder.resolve("captions.jsonl")))
        .containsExactly(
            "{\"id\":\"a\",\"caption\":\"a \u00e9t\u00e9\"}",
            "{\"id\":\"b\",\"caption\":\"a tree\",\"more\":1}");
    assertThat(written.captioned()).isEqualTo(2);
    assertThat(written.page().getName()).isEqualTo("gallery.html");
    assertThat(page()).contains("<script type=\"text/plain\" id=\"t1\">AAAA</script>");
  }

  @Test
  void shouldCountLastFailureOfImagesWithoutCaption() throws IOException {
    Gallery.Written written =
        write(
            Stream.of("{\"id\":\"a\"}", "{\"id\":\"c\"}"),
            Stream.of(
                failure("c", "later captioned"),
                failure("b", "first"),
                failure("d", "once"),
                failure("b", "last")));

    assertThat(written.captioned()).isEqualTo(2);
    assertThat(written.failed()).isEqualTo(2);
    assertThat(texts(data("row-data"), "message")).containsExactly("last", "once");
  }

  @Test
  void shouldKeepEveryCaptionOfOneId() throws IOException {
    Gallery.Written written =
        write(
            Stream.of("{\"id\":\"a\",\"caption\":\"1\"}", "{\"id\":\"a\",\"caption\":\"2\"}"),
            Stream.empty());

    assertThat(written.captioned()).isEqualTo(2);
    assertThat(texts(data("row-data"), "caption")).containsExactly("1", "2");
  }

  @Test
  void shouldShowFailuresFirstWhenThereAreTooMany() throws IOException {
    Gallery.write(
        flink(folder),
        Stream.of("{\"id\":\"a\",\"generated_tokens\":3}", "{\"id\":\"c\",\"generated_tokens\":4}"),
        Stream.of(failure("d", "broken"), failure("b", "broken")),
        FIGURES,
        3);

    assertThat(texts(data("row-data"), "id")).containsExactly("a", "b", "d");
    assertThat(data("run-data").path("leftOut").asInt()).isEqualTo(1);
    assertThat(data("run-data").path("captioned").asInt()).isEqualTo(2);
    assertThat(data("run-data").path("generatedTokens").asInt()).isEqualTo(7);
    assertThat(Files.readAllLines(folder.resolve("captions.jsonl"))).hasSize(2);
  }

  @Test
  void shouldNameModelOfEachCaption() throws IOException {
    write(
        Stream.of(
            "{\"id\":\"a\",\"model_digest\":\"2f\"}",
            "{\"id\":\"b\",\"model_digest\":\"17\"}",
            "{\"id\":\"c\",\"model_digest\":\"2f\"}"),
        Stream.empty());

    assertThat(data("run-data").path("models").toString()).isEqualTo("[\"2f\",\"17\"]");
    assertThat(texts(data("row-data"), "model")).containsExactly("0", "1", "0");
  }

  @Test
  void shouldLeaveOutThumbnailThatIsNotBase64() throws IOException {
    write(
        Stream.of("{\"id\":\"a\",\"thumbnail\":\"</script><script>alert(1)</script>\"}"),
        Stream.empty());

    assertThat(page()).doesNotContain("alert(1)").doesNotContain("id=\"t0\"");
  }

  @Test
  void shouldRefuseRecordWithoutId() {
    assertThatThrownBy(
            () -> write(Stream.of("{\"id\":\"a\"}", "{\"caption\":\"?\"}"), Stream.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Record 2 ")
        .hasMessageContaining("\"id\"");
    assertThatThrownBy(() -> write(Stream.of("{\"id\":"), Stream.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Record 1 ");
  }

  @Test
  void shouldCloseBothStreams() throws IOException {
    int[] closed = {0};
    write(
        Stream.<String>empty().onClose(() -> closed[0]++),
        Stream.<String>empty().onClose(() -> closed[0]++));

    assertThat(closed[0]).isEqualTo(2);
  }

  private Gallery.Written write(Stream<String> captions, Stream<String> failures)
      throws IOException {
    return Gallery.write(flink(folder), captions, failures, FIGURES);
  }

  private static org.apache.flink.core.fs.Path flink(Path folder) {
    return new org.apache.flink.core.fs.Path(folder.toUri());
  }

  private static String failure(String id, String message) {
    return "{\"id\":\"%s\",\"kind\":\"IMAGE_DECODE\",\"message\":\"%s\"}".formatted(id, message);
  }

  private String page() throws IOException {
    return Files.readString(folder.resolve("gallery.html"));
  }

  private JsonNode data(String id) throws IOException {
    Matcher element =
        Pattern.compile("id=\"" + id + "\">(.*?)</script>", Pattern.DOTALL).matcher(page());
    assertThat(element.find()).isTrue();
    return new ObjectMapper().readTree(element.group(1));
  }

  private static List<String> texts(JsonNode rows, String field) {
    return StreamSupport.stream(rows.spliterator(), false)
        .filter(row -> row.has(field))
        .map(row -> row.path(field).asText())
        .toList();
  }
}
