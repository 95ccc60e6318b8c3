package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.jobs.files.FileListing;
import io.github.flinkexecutorch.jobs.files.InputFiles;
import io.github.flinkexecutorch.jobs.files.ParquetRows;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.Path;

/**
 * Which files a run starts from.
 *
 * @param kind what they are
 * @param files the files; those of a folder are the ones that are named like images
 */
record CaptioningInput(Kind kind, InputFiles files) implements Serializable {

  enum Kind {
    /** The images themselves. */
    IMAGES,
    /** Manifests with one JSON object a line. */
    JSON_LINES,
    /** Manifests with one row an image. */
    PARQUET
  }

  /** Also formats that are not read: an image without a caption shall be in the dead letters. */
  private static final Set<String> IMAGE_ENDINGS =
      Set.of(
          "png", "apng", "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "bmp", "dib", "tif", "tiff",
          "avif", "heic", "heif", "jxl", "jp2", "svg");

  private static final Set<String> MANIFEST_ENDINGS = Set.of("jsonl", "ndjson", "parquet");

  /**
   * Reads a folder, a glob, a manifest (.jsonl, .ndjson or .parquet), a glob of manifests, or a
   * single image. Without a scheme it is a path of this machine.
   */
  static CaptioningInput parse(String given) {
    InputFiles files = InputFiles.parse(given, IMAGE_ENDINGS, MANIFEST_ENDINGS);
    return new CaptioningInput(kind(files.glob()), files);
  }

  /** How many images there are, by name or by rows of manifests. */
  long count(int maxRowBytes) throws IOException {
    List<String> names = FileListing.of(files);
    if (kind == Kind.IMAGES) {
      return names.size();
    }
    long count = 0;
    for (String name : names) {
      Path manifest = new Path(files.resolve(name));
      count +=
          kind == Kind.PARQUET
              ? ParquetRows.count(manifest)
              : JsonManifest.countLines(manifest, maxRowBytes);
    }
    return count;
  }

  private static Kind kind(String glob) {
    if (glob == null || !InputFiles.ends(glob, MANIFEST_ENDINGS)) {
      return Kind.IMAGES;
    }
    return InputFiles.ends(glob, Set.of("parquet")) ? Kind.PARQUET : Kind.JSON_LINES;
  }
}
