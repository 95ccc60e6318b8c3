package io.github.flinkexecutorch.jobs.gallery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Whatever captions, names and thumbnails say, they reach the page as data only. */
class GalleryFuzzTest {
  private static final RunFigures FIGURES = new RunFigures("fuzz", 2, 1, 3, Map.of(), List.of());
  private static final Pattern MARKUP = Pattern.compile("(?i)<[a-z/!?][^>]*>");
  private static final Pattern THUMBNAIL =
      Pattern.compile("<script type=\"text/plain\" id=\"t\\d+\">[A-Za-z0-9+/=]+</script>\n");

  @TempDir private static Path folder;
  private static List<String> markup;

  @BeforeAll
  static void writeAnEmptyPage() throws IOException {
    markup = markupOf(write(Stream.empty()));
  }

  @FuzzTest
  void shouldKeepAnyRecordInItsPlace(byte[] lines) throws IOException {
    try {
      assertThat(markupOf(write(new String(lines, UTF_8).lines().filter(line -> !line.isBlank()))))
          .isEqualTo(markup);
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith("Record ");
    }
  }

  private static String write(Stream<String> lines) throws IOException {
    Gallery.write(
        new org.apache.flink.core.fs.Path(folder.toString()), lines, Stream.empty(), FIGURES);
    return Files.readString(folder.resolve("gallery.html"));
  }

  /** What a browser would take for markup, but the thumbnails. */
  private static List<String> markupOf(String page) {
    return MARKUP
        .matcher(THUMBNAIL.matcher(page).replaceAll(""))
        .results()
        .map(found -> found.group())
        .toList();
  }
}
