package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.runtime.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** A jar for clusters as the build has packed it. */
public record ShadedJar(Path path) {
  private static final String NATIVES = "io/github/flinkexecutorch/runtime/linux-x86_64/";
  private static final String INDEX = "index.tsv";
  private static final String LIBRARY = "libet_bridge.so";

  /** That of the jobs. */
  public static ShadedJar ofThisBuild() throws IOException {
    return new ShadedJar(only(Path.of("target"), "flink-executorch-jobs-*-all.jar"));
  }

  /** That for SQL. */
  static ShadedJar forSql() throws IOException {
    return new ShadedJar(
        only(Path.of("../sql-connector/target"), "flink-sql-connector-executorch-*.jar"));
  }

  static Path only(Path directory, String pattern) throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, pattern)) {
      for (Path jar : jars) {
        return jar.toAbsolutePath().normalize();
      }
    }
    throw new IOException("No " + pattern + " in " + directory + "; run mvn package first");
  }

  List<String> entries() throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      return zip.stream().filter(e -> !e.isDirectory()).map(ZipEntry::getName).toList();
    }
  }

  String text(String entry) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      return new String(bytes(zip, entry), UTF_8);
    }
  }

  /**
   * A copy, as another build would be: one of our native libraries has one more byte, and the list
   * of the libraries says so.
   */
  ShadedJar withOtherNatives(Path folder) throws IOException {
    Path copy = folder.resolve("other-build.jar");
    try (ZipFile zip = new ZipFile(path.toFile());
        OutputStream file = Files.newOutputStream(copy);
        ZipOutputStream out = new ZipOutputStream(file)) {
      byte[] library = bytes(zip, NATIVES + LIBRARY);
      byte[] changed = Arrays.copyOf(library, library.length + 1);
      String index =
          new String(bytes(zip, NATIVES + INDEX), UTF_8)
              .replace(indexLine(library), indexLine(changed));
      for (ZipEntry entry : zip.stream().toList()) {
        out.putNextEntry(new ZipEntry(entry.getName()));
        switch (entry.getName()) {
          case NATIVES + LIBRARY -> out.write(changed);
          case NATIVES + INDEX -> out.write(index.getBytes(UTF_8));
          default -> out.write(bytes(zip, entry.getName()));
        }
        out.closeEntry();
      }
    }
    return new ShadedJar(copy);
  }

  /** A copy with classes of the tests, and those within them. */
  ShadedJar withClasses(Path folder, Class<?>... classes) throws IOException {
    Path copy = Files.createTempFile(folder, "with-classes", ".jar");
    Files.copy(path, copy, StandardCopyOption.REPLACE_EXISTING);
    try (FileSystem jar = FileSystems.newFileSystem(copy)) {
      for (Class<?> type : classes) {
        Path inPackage = Path.of(type.getPackageName().replace('.', '/'));
        Path compiled = Path.of("target", "test-classes").resolve(inPackage);
        try (DirectoryStream<Path> files =
            Files.newDirectoryStream(compiled, type.getSimpleName() + "{.class,$*.class}")) {
          for (Path file : files) {
            Files.copy(file, jar.getPath(inPackage + "/" + file.getFileName()));
          }
        }
      }
    }
    return new ShadedJar(copy);
  }

  private static String indexLine(byte[] library) {
    return Sha256.hex(library) + "\t" + library.length + "\t" + LIBRARY;
  }

  private static byte[] bytes(ZipFile zip, String entry) throws IOException {
    try (InputStream in = zip.getInputStream(zip.getEntry(entry))) {
      return in.readAllBytes();
    }
  }
}
