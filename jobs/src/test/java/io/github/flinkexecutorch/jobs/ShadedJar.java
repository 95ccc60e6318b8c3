package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** The job's jar as the build has packed it. */
record ShadedJar(Path path) {
  private static final String NATIVES = "io/github/flinkexecutorch/runtime/linux-x86_64/";

  static ShadedJar ofThisBuild() throws IOException {
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(Path.of("target"), "flink-executorch-jobs-*-all.jar")) {
      for (Path jar : jars) {
        return new ShadedJar(jar.toAbsolutePath());
      }
    }
    throw new IOException("No shaded jar in target; run mvn package first");
  }

  List<String> entries() throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      return zip.stream().filter(e -> !e.isDirectory()).map(ZipEntry::getName).toList();
    }
  }

  String text(String entry) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(entry))) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** A copy, as another build would be: each of our native libraries has one more byte. */
  ShadedJar withOtherNatives(Path folder) throws IOException {
    Path copy = folder.resolve("other-build.jar");
    try (ZipFile zip = new ZipFile(path.toFile());
        OutputStream file = Files.newOutputStream(copy);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (ZipEntry entry : zip.stream().toList()) {
        out.putNextEntry(new ZipEntry(entry.getName()));
        try (InputStream in = zip.getInputStream(entry)) {
          in.transferTo(out);
        }
        if (entry.getName().startsWith(NATIVES) && entry.getName().endsWith(".so")) {
          out.write(0);
        }
        out.closeEntry();
      }
    }
    return new ShadedJar(copy);
  }
}
