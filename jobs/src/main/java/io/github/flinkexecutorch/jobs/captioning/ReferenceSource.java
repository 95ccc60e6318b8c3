package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.jobs.files.FileListing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.flink.connector.file.src.AbstractFileSource;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.assigners.SimpleSplitAssigner;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The references of an input, each exactly once, bounded. The files are listed when the job starts;
 * what appears later is left to the next run.
 */
final class ReferenceSource extends AbstractFileSource<ImageReference, ReferenceSplit> {
  private static final long serialVersionUID = 1L;
  private static final int IMAGES_PER_SPLIT = 128;

  private ReferenceSource(CaptioningInput input, int maxRowBytes) {
    super(
        new Path[] {new Path(input.files().root())},
        () -> (paths, parallelism) -> splits(input),
        SimpleSplitAssigner::new,
        new ReferenceFormat(input, maxRowBytes),
        null);
  }

  static ReferenceSource of(CaptioningInput input, int maxRowBytes) {
    return new ReferenceSource(input, maxRowBytes);
  }

  @Override
  public SimpleVersionedSerializer<ReferenceSplit> getSplitSerializer() {
    return ReferenceSplit.Serializer.INSTANCE;
  }

  private static Collection<FileSourceSplit> splits(CaptioningInput input) throws IOException {
    List<String> files = FileListing.of(input.files());
    if (files.isEmpty()) {
      throw new IOException(
          "There are no files to caption in "
              + input.files().root()
              + (input.files().glob() == null
                  ? " that are named like images"
                  : " for " + input.files().glob())
              + ".");
    }
    List<FileSourceSplit> splits = new ArrayList<>();
    switch (input.kind()) {
      case IMAGES -> {
        Path root = new Path(input.files().root());
        for (int from = 0; from < files.size(); from += IMAGES_PER_SPLIT) {
          int to = Math.min(from + IMAGES_PER_SPLIT, files.size());
          splits.add(ReferenceSplit.ofImages("images-" + from, root, files.subList(from, to)));
        }
      }
      case JSON_LINES, PARQUET -> {
        for (String file : files) {
          splits.add(ReferenceSplit.ofManifest(file, new Path(input.files().resolve(file))));
        }
      }
    }
    Collections.reverse(splits); // the assigner begins at the end
    return splits;
  }
}
