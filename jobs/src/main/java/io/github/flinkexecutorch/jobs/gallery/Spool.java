package io.github.flinkexecutorch.jobs.gallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Records in a temporary file, in the order they came; in memory are their ids and places, in the
 * order of the ids. Records with the same id stay in the order they came. For one thread.
 */
final class Spool implements Closeable {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Where the record with this id lies. */
  record Entry(String id, long offset, int length) {}

  private final Path path;
  private final RandomAccessFile file;
  private final List<Entry> entries;

  /** Reads and closes the stream. */
  static Spool of(Stream<String> lines) throws IOException {
    Path path = Files.createTempFile("gallery", ".jsonl");
    try (lines) {
      return new Spool(path, lines);
    } catch (UncheckedIOException e) {
      Files.delete(path);
      throw e.getCause();
    } catch (IOException | RuntimeException e) {
      Files.delete(path);
      throw e;
    }
  }

  private Spool(Path path, Stream<String> lines) throws IOException {
    List<Entry> read = new ArrayList<>();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path))) {
      // Not by an iterator: that of a flat-mapped stream takes whole part files into memory.
      long[] at = {0};
      lines.forEach(line -> at[0] += append(line, at[0], out, read));
    }
    read.sort(Comparator.comparing(Entry::id));
    this.entries = read;
    this.path = path;
    this.file = new RandomAccessFile(path.toFile(), "r");
  }

  private static int append(String line, long offset, OutputStream out, List<Entry> entries) {
    byte[] bytes = line.getBytes(UTF_8);
    try {
      entries.add(new Entry(idOf(line, entries.size()), offset, bytes.length));
      out.write(bytes);
      return bytes.length;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String idOf(String line, int before) throws IOException {
    JsonNode id;
    try {
      id = JSON.readTree(line).path("id");
    } catch (IOException e) {
      throw new IOException("Record " + (before + 1) + " of the gallery is no JSON", e);
    }
    if (!id.isTextual()) {
      throw new IOException("Record " + (before + 1) + " of the gallery has no \"id\" of text");
    }
    return id.textValue();
  }

  /** In the order of the ids. */
  List<Entry> entries() {
    return entries;
  }

  JsonNode read(Entry entry) throws IOException {
    byte[] bytes = new byte[entry.length()];
    file.seek(entry.offset());
    file.readFully(bytes);
    return JSON.readTree(bytes);
  }

  /** Forgets all but the last record of each id, and those whose ids the other one has. */
  void keepLastOfEachIdNotIn(Spool other) {
    Map<String, Entry> last = new LinkedHashMap<>();
    entries.forEach(entry -> last.put(entry.id(), entry));
    other.entries.forEach(entry -> last.remove(entry.id()));
    entries.clear();
    entries.addAll(last.values());
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.delete(path);
  }
}
