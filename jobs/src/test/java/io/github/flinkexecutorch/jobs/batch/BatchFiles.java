package io.github.flinkexecutorch.jobs.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files of records that tests make. */
record BatchFiles(Path folder) {
  private static final List<String> LANGUAGES = List.of("en", "de", "fr/ca");

  /**
   * Makes files of JSON lines.
   *
   * @return the ids of the records
   */
  List<String> write(int files, int recordsPerFile) throws IOException {
    List<String> ids = new ArrayList<>();
    for (int file = 0; file < files; file++) {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < recordsPerFile; i++) {
        String id = "r-%04d".formatted(ids.size());
        lines.add(record(id, ids.size()));
        ids.add(id);
      }
      Path path = folder.resolve("%02d/%04d.jsonl".formatted(file % 3, file));
      Files.createDirectories(path.getParent());
      Files.write(path, lines);
    }
    return ids;
  }

  static String record(String id, int number) {
    return """
        {"id":"%s","message":"Where is order %d? Thanks.","lang":"%s"}"""
        .formatted(id, 100_000 + number, LANGUAGES.get(number % LANGUAGES.size()));
  }
}
