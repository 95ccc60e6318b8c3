package io.github.flinkexecutorch.jobs.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.parquet.example.data.Group;

/**
 * The folder of a run's results, on any of Flink's file systems, and what sinks have committed
 * there, as JSON Lines or Parquet. Names that begin with a dot are not committed, and count as not
 * there.
 *
 * @param location a path or a URI
 */
@Internal
public record OutputFolder(String location) implements Serializable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PARQUET = ".parquet";
  private static final String ID = "id";

  /** The folder that an argument means; without a scheme it is a path of this machine. */
  public static OutputFolder of(String given) {
    return new OutputFolder(
        InputFiles.isAbsolute(given)
            ? given
            : java.nio.file.Path.of(given).toAbsolutePath().toString());
  }

  public Path path() {
    return new Path(location);
  }

  public Path resolve(String below) {
    return new Path(location, below);
  }

  public Path checkpoints() {
    return resolve("checkpoints");
  }

  /**
   * Refuses a folder with results, unless the run goes on with them: another one would have every
   * record twice.
   *
   * @param skipExisting whether what is finished is left out
   * @param results folders below this one
   * @throws IllegalArgumentException naming what to do
   */
  public void requireUnused(StreamExecutionEnvironment env, boolean skipExisting, String... results)
      throws IOException {
    if (skipExisting
        || env.getConfiguration().getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isPresent()) {
      return;
    }
    for (String folder : results) {
      if (!parts(folder).isEmpty()) {
        throw new IllegalArgumentException(
            location
                + " has the results of an earlier run. Add --skip-existing to go on with it, or"
                + " give another --output.");
      }
    }
  }

  /** Committed files below a folder, the earliest first: the last attempt at a record is last. */
  public List<Path> parts(String folder) throws IOException {
    List<FileStatus> parts = new ArrayList<>();
    Path path = resolve(folder);
    FileSystem files = path.getFileSystem();
    if (files.exists(path)) {
      collect(files, path, parts);
    }
    parts.sort(
        Comparator.comparing(FileStatus::getModificationTime)
            .thenComparing(status -> status.getPath().toString()));
    return parts.stream().map(FileStatus::getPath).toList();
  }

  /** The ids of the records in a committed file, read as the stream goes. Close it. */
  static Stream<String> ids(Path part) {
    return isParquet(part)
        ? rows(part, Set.of(ID), row -> row.getString(ID, 0))
        : lines(part).map(OutputFolder::id);
  }

  public static boolean isParquet(Path part) {
    return part.getName().endsWith(PARQUET);
  }

  /** The lines of a file. Close it. */
  public static Stream<String> lines(Path part) {
    try {
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(part.getFileSystem().open(part), UTF_8));
      return reader.lines().onClose(() -> close(reader));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open " + part, e);
    }
  }

  /** What the rows of a Parquet file say in these columns. Close it. */
  public static <T> Stream<T> rows(Path part, Set<String> columns, Function<Group, T> reading) {
    try {
      ParquetRows rows = ParquetRows.open(part, columns);
      return StreamSupport.stream(Spliterators.spliteratorUnknownSize(iterator(rows), 0), false)
          .map(reading)
          .onClose(() -> close(rows));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open " + part, e);
    }
  }

  private static void collect(FileSystem files, Path folder, List<FileStatus> parts)
      throws IOException {
    for (FileStatus status : files.listStatus(folder)) {
      if (status.getPath().getName().startsWith(".")) {
        continue;
      }
      if (status.isDir()) {
        collect(files, status.getPath(), parts);
      } else {
        parts.add(status);
      }
    }
  }

  private static String id(String line) {
    try {
      return JSON.readTree(line).required(ID).asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Iterator<Group> iterator(ParquetRows rows) throws IOException {
    return new Iterator<>() {
      private Group next = rows.next();

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public Group next() {
        if (next == null) {
          throw new NoSuchElementException();
        }
        Group row = next;
        try {
          next = rows.next();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return row;
      }
    };
  }

  private static void close(Closeable resource) {
    try {
      resource.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
