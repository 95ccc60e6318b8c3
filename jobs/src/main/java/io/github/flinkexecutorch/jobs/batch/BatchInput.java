package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.jobs.files.FileListing;
import io.github.flinkexecutorch.jobs.files.InputFiles;
import io.github.flinkexecutorch.jobs.files.OutputFolder;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;

/**
 * Which files a run reads its records from.
 *
 * @param files the files, or the lists of them
 * @param listed whether they are lists: texts with the path or URI of one file a line, relative to
 *     the list
 */
record BatchInput(InputFiles files, boolean listed) implements Serializable {
  private static final Set<String> PARQUET = Set.of("parquet");
  private static final Set<String> COMPRESSED = Set.of("gz");
  private static final Set<String> LIST = Set.of("txt");
  private static final Set<String> RECORDS =
      Set.of("jsonl", "ndjson", "jsonl.gz", "ndjson.gz", "parquet");
  private static final String COMMENT = "#";

  /**
   * A file of records.
   *
   * @param bytes its size as it is stored
   */
  record RecordFile(Path path, long bytes) {
    boolean isParquet() {
      return BatchInput.isParquet(path);
    }

    boolean isCompressed() {
      return BatchInput.isCompressed(path);
    }
  }

  /**
   * Reads a folder, a glob, a single file (.jsonl, .ndjson, also with .gz, or .parquet), or a list
   * of files (.txt).
   */
  static BatchInput parse(String given) {
    Set<String> single = new HashSet<>(RECORDS);
    single.addAll(LIST);
    InputFiles files = InputFiles.parse(given, RECORDS, single);
    return new BatchInput(files, files.glob() != null && InputFiles.ends(files.glob(), LIST));
  }

  static boolean isParquet(Path file) {
    return InputFiles.ends(file.getName(), PARQUET);
  }

  static boolean isCompressed(Path file) {
    return InputFiles.ends(file.getName(), COMPRESSED);
  }

  /**
   * The files in their order, each once.
   *
   * @throws IOException if there are none, or one that is listed is not there
   */
  List<RecordFile> list() throws IOException {
    List<RecordFile> found = new ArrayList<>();
    for (FileListing.Listed file : FileListing.withSizes(files)) {
      Path path = new Path(files.resolve(file.below()));
      if (listed) {
        addListed(path, found);
      } else {
        found.add(new RecordFile(path, file.bytes()));
      }
    }
    if (found.isEmpty()) {
      throw new IOException(
          "There are no files with records in "
              + files.root()
              + (files.glob() == null ? " that end with one of " + files.endings() : "")
              + (files.glob() == null ? "" : " for " + files.glob())
              + ".");
    }
    return found;
  }

  /** What a file is called in ids and dead letters: its path below the root, or the whole path. */
  String name(Path file) {
    String path = file.toString();
    String above = InputFiles.join(new Path(files.root()).toString(), "");
    return path.startsWith(above) ? path.substring(above.length()) : path;
  }

  private void addListed(Path list, List<RecordFile> found) throws IOException {
    Set<Path> known = new HashSet<>();
    found.forEach(file -> known.add(file.path()));
    try (Stream<String> lines = OutputFolder.lines(list)) {
      for (String line : (Iterable<String>) lines.map(String::strip)::iterator) {
        if (line.isEmpty() || line.startsWith(COMMENT)) {
          continue;
        }
        Path file =
            new Path(
                InputFiles.isAbsolute(line)
                    ? line
                    : InputFiles.join(list.getParent().toString(), line));
        if (known.add(file)) {
          found.add(new RecordFile(file, file.getFileSystem().getFileStatus(file).getLen()));
        }
      }
    }
  }
}
