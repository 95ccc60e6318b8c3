package io.github.flinkexecutorch.jobs.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Predicate;
import org.apache.flink.annotation.Internal;
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
@Internal
public final class FileListing {

  /**
   * A file of the input.
   *
   * @param below its path below the root
   * @param bytes its size, 0 where a link leads nowhere
   */
  public record Listed(String below, long bytes) {}

  private final InputFiles input;
  private final Predicate<String> wanted;
  private final List<Listed> found = new ArrayList<>();

  private FileListing(InputFiles input) {
    this.input = input;
    this.wanted = input.filter();
  }

  /**
   * Names the files.
   *
   * @throws IOException as {@link #withSizes}
   */
  public static List<String> of(InputFiles input) throws IOException {
    return withSizes(input).stream().map(Listed::below).toList();
  }

  /**
   * Names the files and says how large they are.
   *
   * @throws IOException if the root is no folder, or a folder below cannot be read: files would be
   *     missing
   */
  public static List<Listed> withSizes(InputFiles input) throws IOException {
    FileListing listing = new FileListing(input);
    if (input.local()) {
      listing.walk(java.nio.file.Path.of(input.root()).toRealPath());
    } else {
      Path root = new Path(input.root());
      listing.collect(root.getFileSystem(), root, "");
    }
    listing.found.sort(Comparator.comparing(Listed::below));
    return listing.found;
  }

  // Flink's own listing of local folders cannot name a file with a colon, and follows links.
  private void walk(java.nio.file.Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new FileNotFoundException(root + " is no folder.");
    }
    Files.walkFileTree(
        root,
        EnumSet.noneOf(FileVisitOption.class),
        input.deep() ? Integer.MAX_VALUE : 1,
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
            if (!attributes.isDirectory()) { // one that is not gone into
              long bytes = attributes.isSymbolicLink() ? file.toFile().length() : attributes.size();
              add(root.relativize(file).toString(), bytes);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void collect(FileSystem files, Path folder, String below) throws IOException {
    FileStatus[] children = files.listStatus(folder);
    if (children == null) {
      throw new FileNotFoundException(folder + " is no folder.");
    }
    for (FileStatus child : children) {
      String name = child.getPath().getName();
      if (!child.isDir()) {
        add(below + name, child.getLen());
      } else if (input.deep() && !hidden(name)) {
        collect(files, child.getPath(), below + name + "/");
      }
    }
  }

  private void add(String below, long bytes) {
    if (!hidden(below.substring(below.lastIndexOf('/') + 1)) && wanted.test(below)) {
      found.add(new Listed(below, bytes));
    }
  }

  private static boolean hidden(String name) {
    return name.startsWith(".");
  }
}
