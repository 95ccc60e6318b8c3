package io.github.flinkexecutorch.jobs.gallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** The lines of the part files that a file sink has left in a folder. */
@Internal
public final class JsonLines {
  /**
   * Every line that is not blank, of the finished files in the folder and the folders below, in the
   * order of the files' paths. Files and folders whose names begin with a dot or an underscore are
   * left out: the sink has not committed them. A folder that is missing has no lines.
   *
   * <p>The stream reads one file at a time as it goes. Close it. It throws {@link
   * UncheckedIOException}.
   */
  public static Stream<String> under(Path folder) throws IOException {
    FileSystem files = folder.getFileSystem();
    List<Path> parts = new ArrayList<>();
    if (files.exists(folder)) {
      collect(files, folder, parts);
    }
    parts.sort(Comparator.comparing(Path::toString));
    return parts.stream().flatMap(part -> lines(files, part)).filter(line -> !line.isBlank());
  }

  private static void collect(FileSystem files, Path folder, List<Path> parts) throws IOException {
    for (FileStatus status : files.listStatus(folder)) {
      String name = status.getPath().getName();
      if (name.startsWith(".") || name.startsWith("_")) {
        continue;
      }
      if (status.isDir()) {
        collect(files, status.getPath(), parts);
      } else {
        parts.add(status.getPath());
      }
    }
  }

  private static Stream<String> lines(FileSystem files, Path part) {
    try {
      BufferedReader reader = new BufferedReader(new InputStreamReader(files.open(part), UTF_8));
      return reader.lines().onClose(() -> close(reader));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open " + part, e);
    }
  }

  private static void close(BufferedReader reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonLines() {}
}
