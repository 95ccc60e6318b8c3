package io.github.flinkexecutorch.connector;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;

/** A folder of a file system that Flink has a plugin for, such as S3 or HDFS. */
final class RemoteRoot implements ImageRoot {
  private static final String SEPARATOR = "/";

  private final Path root;

  /**
   * @throws IllegalArgumentException if it is no URI of a folder
   */
  RemoteRoot(String root) {
    this.root = new Path(root);
    String scheme = this.root.toUri().getScheme();
    if (scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https")) {
      throw new IllegalArgumentException(
          "URLs are allowed by " + ExecuTorchOptions.IMAGE_URLS.key());
    }
  }

  @Override
  public byte[] read(String reference, ReadingLimits limits) throws RejectedRecordException {
    Path named = named(reference);
    if (!isBelow(named)) {
      return null;
    }
    return limits.within(
        stop -> {
          FileSystem files = named.getFileSystem();
          FileStatus status;
          try {
            status = files.getFileStatus(named);
          } catch (FileNotFoundException e) {
            throw ReadingLimits.failed("there is no such file", e);
          }
          if (status.isDir()) {
            throw ReadingLimits.failed("it is no file", null);
          }
          limits.requireBytes(status.getLen());
          try (FSDataInputStream in = stop.on(files.open(named))) {
            return limits.readAll(in);
          }
        });
  }

  /** Only whether there is a plugin: the file system itself may be out of reach for a while. */
  @Override
  public void check() {
    try {
      root.getFileSystem();
    } catch (UnsupportedFileSystemSchemeException e) {
      throw new IllegalArgumentException(
          "Option %s has '%s': %s"
              .formatted(ExecuTorchOptions.IMAGE_ROOTS.key(), root, e.getMessage()),
          e);
    } catch (IOException e) {
      return; // each reading will say so, for as long as it lasts
    }
  }

  private Path named(String reference) throws RejectedRecordException {
    try {
      if (REMOTE.matcher(reference).matches()) {
        return new Path(reference);
      }
      return reference.startsWith(SEPARATOR) ? null : new Path(root, reference);
    } catch (IllegalArgumentException e) {
      throw new RejectedRecordException(
          FailureKind.FORBIDDEN_REFERENCE, "The reference is no path.");
    }
  }

  private boolean isBelow(Path named) {
    if (named == null) {
      return false;
    }
    URI file = named.toUri();
    URI folder = root.toUri();
    String prefix =
        folder.getPath().endsWith(SEPARATOR) ? folder.getPath() : folder.getPath() + SEPARATOR;
    return folder.getScheme().equalsIgnoreCase(file.getScheme())
        && Objects.equals(folder.getAuthority(), file.getAuthority())
        && file.getPath().startsWith(prefix);
  }
}
