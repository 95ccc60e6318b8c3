package io.github.flinkexecutorch.jobs.files;

import java.io.Serializable;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;

/**
 * Which files a run starts from.
 *
 * @param root the folder that they lie below, as a path or a URI; but for the folder {@code /}
 *     without a slash at its end
 * @param glob which files below it, {@code null} for every file whose name has one of the endings
 * @param endings in lower case, without the dot
 */
@Internal
public record InputFiles(String root, String glob, Set<String> endings) implements Serializable {
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");
  private static final Pattern LOCAL = Pattern.compile("^file:/+");
  private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");
  private static final Pattern SPECIAL = Pattern.compile("[*?\\[\\]{}\\\\]");

  /**
   * Reads a folder, a glob or a single file. Without a scheme it is a path of this machine.
   *
   * @param endings of the files of a folder
   * @param single endings by which a path is taken for a file without looking whether it is there
   */
  public static InputFiles parse(String given, Set<String> endings, Set<String> single) {
    String input = LOCAL.matcher(given).replaceFirst("/");
    boolean local = !hasScheme(input);
    String path =
        local ? Path.of(input).toAbsolutePath().normalize().toString() : withoutEnd(input);
    boolean exists = local && Files.exists(Path.of(path));
    if (!exists && WILDCARD.matcher(path).find()) {
      int slash = path.lastIndexOf('/', first(path));
      return new InputFiles(folder(path, slash), path.substring(slash + 1), endings);
    }
    boolean file =
        exists ? !Files.isDirectory(Path.of(path)) : !input.endsWith("/") && ends(path, single);
    if (!file) {
      return new InputFiles(path, null, endings);
    }
    int slash = path.lastIndexOf('/');
    return new InputFiles(
        folder(path, slash),
        SPECIAL.matcher(path.substring(slash + 1)).replaceAll("\\\\$0"),
        endings);
  }

  /** Whether a reference says where it lies, and is not relative to anything. */
  public static boolean isAbsolute(String reference) {
    return reference.startsWith("/") || hasScheme(reference);
  }

  /** The path or URI of what lies below a folder. */
  public static String join(String folder, String below) {
    return folder.endsWith("/") ? folder + below : folder + "/" + below;
  }

  /** Whether a name ends with a dot and one of the endings, in any case. */
  public static boolean ends(String path, Set<String> endings) {
    String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(ending -> name.endsWith("." + ending));
  }

  /** Whether {@link #root} is a folder of this machine. */
  public boolean local() {
    return !hasScheme(root);
  }

  /** Where a path below the root lies. */
  public String resolve(String below) {
    return join(root, below);
  }

  /** Whether files of folders below the root may belong to the input. */
  boolean deep() {
    return glob == null || glob.contains("/") || glob.contains("**");
  }

  /** Tells by its path below the root whether a file belongs to the input. */
  public Predicate<String> filter() {
    if (glob == null) {
      return below -> ends(below, endings);
    }
    PathMatcher matcher = matcher(glob);
    PathMatcher atTop = matcher(glob.replace("**/", "")); // ** is no folder at all as well
    return below -> matcher.matches(Path.of(below)) || atTop.matches(Path.of(below));
  }

  private static String folder(String path, int slash) {
    return slash == 0 ? "/" : path.substring(0, slash);
  }

  private static PathMatcher matcher(String glob) {
    return FileSystems.getDefault().getPathMatcher("glob:" + glob);
  }

  private static boolean hasScheme(String path) {
    return SCHEME.matcher(path).matches();
  }

  private static String withoutEnd(String uri) {
    return uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
  }

  private static int first(String path) {
    return WILDCARD.matcher(path).results().findFirst().orElseThrow().start();
  }
}
