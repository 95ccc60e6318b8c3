package io.github.flinkexecutorch.jobs.captioning;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;

/** The references of one split, in their order. */
interface References extends Closeable {

  /** The next one, {@code null} at the end. */
  ImageReference next() throws IOException;

  /**
   * Opens a split.
   *
   * @param maxRowBytes of a row of a manifest
   */
  static References open(CaptioningInput input, ReferenceSplit split, int maxRowBytes)
      throws IOException {
    return switch (input.kind()) {
      case IMAGES -> ofNames(input, split.names().iterator());
      case JSON_LINES -> JsonManifest.open(split.path(), maxRowBytes);
      case PARQUET -> ParquetManifest.open(split.path());
    };
  }

  private static References ofNames(CaptioningInput input, Iterator<String> names) {
    return new References() {
      @Override
      public ImageReference next() {
        if (!names.hasNext()) {
          return null;
        }
        String name = names.next();
        return ImageReference.of(name, input.files().resolve(name));
      }

      @Override
      public void close() {}
    };
  }
}
