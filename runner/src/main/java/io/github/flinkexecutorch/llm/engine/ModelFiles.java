package io.github.flinkexecutorch.llm.engine;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.runtime.PrivateFolder;
import io.github.flinkexecutorch.runtime.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The files of a model as they are opened, known by their content.
 *
 * @param model the {@code .pte} to open
 * @param dataFiles the {@code .ptd} files to open
 * @param digest SHA-256 in hexadecimal: of the model file alone, or of the digests of all files one
 *     after another where there are data files
 */
record ModelFiles(Path model, List<Path> dataFiles, String digest) {
  private static final int BUFFER_BYTES = 1 << 20;

  /**
   * Digests the files, and copies them where the specification asks for it. A copy lies under its
   * content's digest and never changes; one that is there already is checked and used again.
   *
   * @throws InvalidModelException if a file is missing or cannot be read or copied, the latter with
   *     the {@link IOException} as its cause
   */
  static ModelFiles prepare(ModelSpec spec) {
    List<Path> files = new ArrayList<>();
    StringBuilder digests = new StringBuilder();
    List<Path> originals = new ArrayList<>(List.of(spec.model()));
    originals.addAll(spec.dataFiles());
    for (Path original : originals) {
      if (Files.notExists(original)) {
        throw new InvalidModelException("Model file " + original + " does not exist");
      }
      if (Files.exists(original) && !Files.isRegularFile(original)) {
        throw new InvalidModelException("Model file " + original + " is no file");
      } // where the file system cannot tell, reading says why
      try {
        String digest = sha256(original);
        digests.append(digest);
        files.add(
            spec.cacheDirectory() == null
                ? original
                : copy(original, digest, spec.cacheDirectory()));
      } catch (IOException e) {
        throw new InvalidModelException(
            "Model file "
                + original
                + " cannot be read or copied to "
                + spec.cacheDirectory()
                + ": "
                + e,
            e);
      }
    }
    String digest =
        files.size() == 1
            ? digests.toString()
            : Sha256.hex(digests.toString().getBytes(StandardCharsets.US_ASCII));
    return new ModelFiles(files.get(0), List.copyOf(files.subList(1, files.size())), digest);
  }

  /** The folder of one content, made where it is not there; its time says when it was used last. */
  static Path cacheFolder(Path cacheDirectory, String digest) throws IOException {
    PrivateFolder.create(cacheDirectory, "or name another for the copies of models.");
    Path folder = Files.createDirectories(cacheDirectory.toAbsolutePath().resolve(digest));
    return Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
  }

  private static Path copy(Path original, String digest, Path cacheDirectory) throws IOException {
    Path folder = cacheFolder(cacheDirectory, digest);
    Path copy = folder.resolve(original.getFileName());
    if (Files.isRegularFile(copy) && sha256(copy).equals(digest)) {
      return copy;
    }
    Path partial = Files.createTempFile(folder, "copying", ".partial");
    try {
      Files.copy(original, partial, REPLACE_EXISTING);
      if (!sha256(partial).equals(digest)) {
        throw new IOException("it changed while it was read");
      }
      Files.move(partial, copy, ATOMIC_MOVE, REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
    return copy;
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream content = Files.newInputStream(file)) {
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
