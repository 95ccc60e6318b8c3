package io.github.flinkexecutorch.jobs.gallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The report of a captioning run: a page that shows every image with its caption or the reason of
 * its failure, and the captions in one file.
 *
 * <p>The page is one HTML file that needs nothing else: it opens from disk and asks for nothing
 * over the network. Captions, names and messages are untrusted: they reach the page as data only.
 */
@Internal
public final class Gallery {
  /** The most images that the page shows; a browser is at ease with as many. */
  public static final int MOST_SHOWN = 20_000;

  /**
   * What was written.
   *
   * @param page the HTML page
   * @param captions every caption record, sorted by id, a line each, without the thumbnails
   * @param captioned caption records
   * @param failed dead letters of images that have no caption
   */
  public record Written(Path page, Path captions, long captioned, long failed) {}

  /**
   * Writes {@code gallery.html} and {@code captions.jsonl} into a folder of any of Flink's file
   * systems, over what is there.
   *
   * <p>Of a record only its id and where it lies in a temporary file stay in memory, so that the
   * streams may be longer than memory; each is read once and closed. With more than {@link
   * #MOST_SHOWN} images the page shows the failures first, then as many captions as fit, in the
   * order of their ids, and says so.
   *
   * @param folder where the files go; made if missing
   * @param records caption records as JSON objects, in any order: {@code id}, {@code image}, {@code
   *     caption}, {@code finish_reason}, {@code prompt_tokens}, {@code generated_tokens}, {@code
   *     model_digest}, {@code queue_ms}, {@code inference_ms}, {@code width}, {@code height} and,
   *     optional, {@code thumbnail}, a JPEG in base64
   * @param deadLetters dead letters as JSON objects: {@code id}, {@code image}, {@code kind},
   *     {@code message}, {@code stage}; one whose id has a caption is left out, because a later
   *     attempt succeeded, and of several with one id the last counts
   * @param figures what the run knows about itself
   * @throws IOException if a line is no JSON object with an id, or a file cannot be written
   */
  public static Written write(
      Path folder, Stream<String> records, Stream<String> deadLetters, RunFigures figures)
      throws IOException {
    return write(folder, records, deadLetters, figures, MOST_SHOWN);
  }

  static Written write(
      Path folder,
      Stream<String> records,
      Stream<String> deadLetters,
      RunFigures figures,
      int mostShown)
      throws IOException {
    try (deadLetters;
        Spool captioned = Spool.of(records);
        Spool failed = Spool.of(deadLetters)) {
      failed.keepLastOfEachIdNotIn(captioned);
      Path page = new Path(folder, "gallery.html");
      Path lines = new Path(folder, "captions.jsonl");
      Totals totals = new Totals();
      try (Writer out = writer(lines)) {
        for (Spool.Entry entry : captioned.entries()) {
          ObjectNode caption = (ObjectNode) captioned.read(entry);
          totals.add(caption);
          caption.remove("thumbnail");
          out.write(Spool.JSON.writeValueAsString(caption));
          out.write('\n');
        }
      }
      PageData data = new PageData(captioned, failed, totals, figures, mostShown);
      try (Writer out = writer(page)) {
        GalleryPage.write(out, figures.title(), data);
      }
      return new Written(page, lines, captioned.entries().size(), failed.entries().size());
    }
  }

  private static Writer writer(Path file) throws IOException {
    return new BufferedWriter(
        new OutputStreamWriter(
            file.getFileSystem().create(file, FileSystem.WriteMode.OVERWRITE), UTF_8));
  }

  private Gallery() {}
}
