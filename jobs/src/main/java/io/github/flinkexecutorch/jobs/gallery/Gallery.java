package io.github.flinkexecutorch.jobs.gallery;

import java.io.IOException;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;

/**
 * The report of a captioning run: a page that shows every image with its caption or the reason of
 * its failure, and the captions in one file.
 *
 * <p>The page is one HTML file that needs nothing else: it opens from disk and asks for nothing
 * over the network. Captions, names and messages are untrusted: they reach the page as data only.
 */
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
   * @param captions caption records as JSON objects, in any order: {@code id}, {@code image},
   *     {@code caption}, {@code finishReason}, {@code promptTokens}, {@code generatedTokens},
   *     {@code modelDigest}, {@code queueMs}, {@code inferenceMs}, {@code width}, {@code height}
   *     and, optional, {@code thumbnail}, a JPEG in base64; see {@link JsonLines}
   * @param failures dead letters as JSON objects: {@code id}, {@code image}, {@code kind}, {@code
   *     message}, {@code stage}; one whose id has a caption is left out, because a later attempt
   *     succeeded, and of several with one id the last counts
   * @param figures what the run knows about itself
   * @throws IOException if a line is no JSON object with an id, or a file cannot be written
   */
  public static Written write(
      Path folder, Stream<String> captions, Stream<String> failures, RunFigures figures)
      throws IOException {
    throw new IOException("Writing the gallery follows");
  }

  private Gallery() {}
}
