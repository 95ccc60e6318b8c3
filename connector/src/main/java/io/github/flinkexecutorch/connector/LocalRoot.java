package io.github.flinkexecutorch.connector;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** A folder of this machine, whose files are opened only where they really are in it. */
final class LocalRoot implements ImageRoot {
  private final Path root;

  /**
   * @throws IllegalArgumentException if the path is relative
   */
  LocalRoot(Path root) {
    if (!root.isAbsolute()) {
      throw new IllegalArgumentException("a local path must be absolute");
    }
    this.root = root.normalize();
  }

  @Override
  public byte[] read(String reference, ReadingLimits limits) throws RejectedRecordException {
    Path named = named(reference);
    if (named == null) {
      return null;
    }
    try {
      Path realRoot = root.toRealPath();
      if (!named.startsWith(root) && !named.startsWith(realRoot)) {
        return null;
      }
      Path real = named.toRealPath();
      if (!real.startsWith(realRoot)) {
        throw forbidden("A link leads out of the root that the reference is below");
      }
      BasicFileAttributes attributes =
          Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) { // to open a pipe could wait for ever
        throw ReadingLimits.failed("it is no file", null);
      }
      limits.requireBytes(attributes.size());
      try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
        return limits.readAll(in);
      }
    } catch (NoSuchFileException e) {
      throw ReadingLimits.failed("there is no such file", e);
    } catch (IOException e) {
      throw ReadingLimits.failed("it cannot be read", e);
    }
  }

  @Override
  public void check() {
    if (!Files.isDirectory(root)) {
      throw new IllegalArgumentException(
          "Option %s has '%s', but there is no such folder on this machine."
              .formatted(ExecuTorchOptions.IMAGE_ROOTS.key(), root));
    }
  }

  /** The path that is meant, null if it is one of another file system. */
  private Path named(String reference) throws RejectedRecordException {
    try {
      if (FILE.matcher(reference).matches()) {
        return Path.of(URI.create(reference)).normalize();
      }
      return REMOTE.matcher(reference).matches() ? null : root.resolve(reference).normalize();
    } catch (InvalidPathException e) {
      throw forbidden("The reference is no path");
    } catch (IllegalArgumentException e) {
      throw forbidden("The reference is no valid file URI");
    }
  }

  private static RejectedRecordException forbidden(String why) {
    return new RejectedRecordException(FailureKind.FORBIDDEN_REFERENCE, why + ".");
  }
}
