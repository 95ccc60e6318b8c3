package io.github.flinkexecutorch.jobs.captioning;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.jobs.JsonBytes;
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
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.parquet.example.data.Group;

/**
 * The folder of a run's results, on any of Flink's file systems, and what sinks have committed
 * there. Files whose names begin with a dot are not committed, and count as not there.
 *
 * @param folder a path or a URI
 */
record CaptionOutput(String folder) implements Serializable {
  private static final String PARQUET = ".parquet";

  Path captions() {
    return new Path(folder, "captions");
  }

  Path deadLetters() {
    return new Path(folder, "dead-letters");
  }

  Path checkpoints() {
    return new Path(folder, "checkpoints");
  }

  /** Whether an earlier run has committed anything. */
  boolean isUsed() throws IOException {
    return !parts(captions()).isEmpty() || !parts(deadLetters()).isEmpty();
  }

  /** Every caption record as a JSON object, read file by file as the stream goes. Close it. */
  Stream<String> captionLines() throws IOException {
    return parts(captions()).stream()
        .flatMap(part -> part.getName().endsWith(PARQUET) ? rows(part) : lines(part));
  }

  /** Every dead letter as a JSON object, likewise. */
  Stream<String> deadLetterLines() throws IOException {
    return parts(deadLetters()).stream().flatMap(CaptionOutput::lines);
  }

  /** The earliest first, so that of several attempts at an image the last comes last. */
  private static List<Path> parts(Path folder) throws IOException {
    FileSystem files = folder.getFileSystem();
    List<FileStatus> parts = new ArrayList<>();
    if (files.exists(folder)) {
      for (FileStatus status : files.listStatus(folder)) {
        if (!status.isDir() && !status.getPath().getName().startsWith(".")) {
          parts.add(status);
        }
      }
    }
    parts.sort(
        Comparator.comparing(FileStatus::getModificationTime)
            .thenComparing(status -> status.getPath().getName()));
    return parts.stream().map(FileStatus::getPath).toList();
  }

  private static Stream<String> lines(Path part) {
    try {
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(part.getFileSystem().open(part), UTF_8));
      return reader.lines().onClose(() -> close(reader));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open " + part, e);
    }
  }

  private static Stream<String> rows(Path part) {
    try {
      ParquetRows rows = CaptionParquet.read(part);
      return StreamSupport.stream(Spliterators.spliteratorUnknownSize(json(rows), 0), false)
          .onClose(() -> close(rows));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open " + part, e);
    }
  }

  private static Iterator<String> json(ParquetRows rows) throws IOException {
    return new Iterator<>() {
      private Group next = rows.next();

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public String next() {
        if (next == null) {
          throw new NoSuchElementException();
        }
        String line = new String(JsonBytes.of(CaptionParquet.record(next)), UTF_8);
        try {
          next = rows.next();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return line;
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
