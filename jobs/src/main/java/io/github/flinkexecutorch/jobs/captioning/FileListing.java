package io.github.flinkexecutorch.jobs.captioning;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Lists the files of an input, as paths below its root, in the order of their names: the same list
 * as long as the files are the same. What is hidden, its name begins with a dot, is left out.
 *
 * <p>On this machine links to folders are not followed, because they can lead in circles; links to
 * files are listed, and whoever opens one decides whether it may lead where it leads.
 */
final class FileListing {

  /**
   * @throws IOException if the root is no folder, or a folder below cannot be read: images would be
   *     missing
   */
  static List<String> of(CaptioningInput input) throws IOException {
    List<String> found = new ArrayList<>();
    if (input.local()) {
      walk(java.nio.file.Path.of(input.root()).toRealPath(), input.filter(), found);
    } else {
      Path root = new Path(input.root());
      collect(root.getFileSystem(), root, "", input.filter(), found);
    }
    Collections.sort(found);
    return found;
  }

  // Flink's own listing of local folders cannot name a file with a colon, and follows links.
  private static void walk(java.nio.file.Path root, Predicate<String> wanted, List<String> found)
      throws IOException {
    if (!Files.isDirectory(root)) {
      throw new FileNotFoundException(root + " is no folder.");
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(
              java.nio.file.Path folder, BasicFileAttributes attributes) {
            return !folder.equals(root) && hidden(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(
              java.nio.file.Path file, BasicFileAttributes attributes) {
            add(root.relativize(file).toString(), wanted, found);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void collect(
      FileSystem files, Path folder, String below, Predicate<String> wanted, List<String> found)
      throws IOException {
    FileStatus[] children = files.listStatus(folder);
    if (children == null) {
      throw new FileNotFoundException(folder + " is no folder.");
    }
    for (FileStatus child : children) {
      String name = child.getPath().getName();
      if (!child.isDir()) {
        add(below + name, wanted, found);
      } else if (!hidden(name)) {
        collect(files, child.getPath(), below + name + "/", wanted, found);
      }
    }
  }

  private static void add(String below, Predicate<String> wanted, List<String> found) {
    if (!hidden(below.substring(below.lastIndexOf('/') + 1)) && wanted.test(below)) {
      found.add(below);
    }
  }

  private static boolean hidden(String name) {
    return name.startsWith(".");
  }

  private FileListing() {}
}
