package io.github.flinkexecutorch.connector;

import java.net.URI;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** A folder below which records may name images. */
interface ImageRoot {
  /** A scheme, and a path after it: {@code s3://bucket/a}, {@code file:/a}. */
  Pattern REMOTE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*", Pattern.DOTALL);

  Pattern FILE = Pattern.compile("(?i)file:/.*", Pattern.DOTALL);

  /**
   * The content of a file below this root.
   *
   * @param reference an absolute name, or one below the root
   * @return {@code null} if the reference names something elsewhere
   * @throws RejectedRecordException {@link FailureKind#FORBIDDEN_REFERENCE} if a link leads out of
   *     the root, {@link FailureKind#FETCH_FAILED} if there is no such file
   */
  byte[] read(String reference, ReadingLimits limits) throws RejectedRecordException;

  /**
   * Looks whether the folder can be read from here.
   *
   * @throws IllegalArgumentException if there is no such folder
   */
  void check();

  /**
   * The folder that an element of the option names.
   *
   * @throws IllegalArgumentException if it names none
   */
  static ImageRoot of(String root) {
    try {
      if (FILE.matcher(root).matches()) {
        return new LocalRoot(Path.of(URI.create(root)));
      }
      return REMOTE.matcher(root).matches() ? new RemoteRoot(root) : new LocalRoot(Path.of(root));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Option %s has '%s', which is no folder: %s"
              .formatted(ExecuTorchOptions.IMAGE_ROOTS.key(), root, e.getMessage()),
          e);
    }
  }
}
