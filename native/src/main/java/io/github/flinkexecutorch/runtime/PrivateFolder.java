package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/**
 * Folders that only this process's user may write to, so that nobody exchanges a file between the
 * check of its content and its use. Whoever can write there can run code in this process.
 */
@Internal
public final class PrivateFolder {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private PrivateFolder() {}

  /**
   * Makes the folder for this user only, with its parents, where it is not there.
   *
   * @param remedy what to do if it is refused, the end of the message
   * @throws IOException if it cannot be made, or {@link #require} refuses it
   */
  public static void create(Path folder, String remedy) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(folder.toAbsolutePath().getParent());
      try {
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
          throw e;
        }
      }
    }
    require(folder, remedy);
  }

  /**
   * Checks a folder that is there.
   *
   * @throws IOException if it is a link, or another user owns it or may write to it
   */
  public static void require(Path folder, String remedy) throws IOException {
    Path probe = Files.createTempFile("flink-executorch-", null);
    UserPrincipal us;
    try {
      us = Files.getOwner(probe);
    } finally {
      Files.delete(probe);
    }
    UserPrincipal owner = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS);
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        || !owner.equals(us)
        || permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new AccessDeniedException(
          folder.toString(),
          null,
          "Refusing to use it: owner "
              + owner
              + ", permissions "
              + PosixFilePermissions.toString(permissions)
              + ". It must be a folder that only user "
              + us
              + " can write (chmod 700); "
              + remedy);
    }
  }
}
