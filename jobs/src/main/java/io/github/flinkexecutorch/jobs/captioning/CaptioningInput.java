package io.github.flinkexecutorch.jobs.captioning;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which files a run starts from.
 *
 * @param kind what they are
 * @param root the folder that they lie below, as a path or a URI without a slash at its end
 * @param glob which files below it, {@code null} for every file that is named like an image
 */
record CaptioningInput(Kind kind, String root, String glob) implements Serializable {

  enum Kind {
    /** The images themselves. */
    IMAGES,
    /** Manifests with one JSON object a line. */
    JSON_LINES,
    /** Manifests with one row an image. */
    PARQUET
  }

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");
  private static final Pattern LOCAL = Pattern.compile("^file:/+");
  private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");
  private static final Pattern SPECIAL = Pattern.compile("[*?\\[\\]{}\\\\]");

  /** Also formats that are not read: an image without a caption shall be in the dead letters. */
  private static final Set<String> IMAGE_ENDINGS =
      Set.of(
          "png", "apng", "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "bmp", "dib", "tif", "tiff",
          "avif", "heic", "heif", "jxl", "jp2", "svg");

  /**
   * Reads a folder, a glob, a manifest (.jsonl, .ndjson or .parquet), a glob of manifests, or a
   * single image. Without a scheme it is a path of this machine.
   */
  static CaptioningInput parse(String given) {
    String input = LOCAL.matcher(given).replaceFirst("/");
    boolean local = !hasScheme(input);
    String path =
        local ? Path.of(input).toAbsolutePath().normalize().toString() : withoutEnd(input);
    boolean exists = local && Files.exists(Path.of(path));
    Kind kind =
        switch (ending(path)) {
          case "jsonl", "ndjson" -> Kind.JSON_LINES;
          case "parquet" -> Kind.PARQUET;
          default -> Kind.IMAGES;
        };
    if (!exists && WILDCARD.matcher(path).find()) {
      int slash = path.lastIndexOf('/', first(path));
      return new CaptioningInput(kind, path.substring(0, slash), path.substring(slash + 1));
    }
    if (exists && Files.isDirectory(Path.of(path))) {
      return new CaptioningInput(Kind.IMAGES, path, null);
    }
    if (kind == Kind.IMAGES && !exists) {
      return new CaptioningInput(kind, path, null);
    }
    int slash = path.lastIndexOf('/');
    return new CaptioningInput(
        kind,
        path.substring(0, slash),
        SPECIAL.matcher(path.substring(slash + 1)).replaceAll("\\\\$0"));
  }

  /** Whether a reference says where it lies, and is not relative to anything. */
  static boolean isAbsolute(String reference) {
    return reference.startsWith("/") || hasScheme(reference);
  }

  /** Whether {@link #root} is a folder of this machine. */
  boolean local() {
    return !hasScheme(root);
  }

  /** Where a path below the root lies. */
  String resolve(String below) {
    return root + "/" + below;
  }

  /** How many images there are, by name or by rows of manifests. */
  long count() throws IOException {
    List<String> files = FileListing.of(this);
    if (kind == Kind.IMAGES) {
      return files.size();
    }
    long count = 0;
    for (String file : files) {
      org.apache.flink.core.fs.Path manifest = new org.apache.flink.core.fs.Path(resolve(file));
      count +=
          kind == Kind.PARQUET ? ParquetRows.count(manifest) : JsonManifest.countLines(manifest);
    }
    return count;
  }

  /** Tells by its path below the root whether a file belongs to the input. */
  Predicate<String> filter() {
    if (glob == null) {
      return below -> IMAGE_ENDINGS.contains(ending(below));
    }
    PathMatcher matcher = matcher(glob);
    PathMatcher atTop = matcher(glob.replace("**/", "")); // ** is no folder at all as well
    return below -> matcher.matches(Path.of(below)) || atTop.matches(Path.of(below));
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

  private static String ending(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  private static int first(String path) {
    return WILDCARD.matcher(path).results().findFirst().orElseThrow().start();
  }
}
