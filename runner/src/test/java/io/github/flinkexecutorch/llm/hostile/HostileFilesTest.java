package io.github.flinkexecutorch.llm.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.image.Bombs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damaged files of every kind work or are refused in this library's own words, in JVMs of 512 MiB;
 * none ends the process but those that known-deaths.txt lists. Seeds are the numbers from 0.
 */
@Tag("native")
class HostileFilesTest {
  private static final Path KNOWN_DEATHS = Path.of("src/test/resources/hostile/known-deaths.txt");

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void shouldWorkOrBeRefused(FileKind kind) throws Exception {
    List<HostileFile> files = HostileFile.all(kind);

    Map<Integer, String> outcomes = HostileChild.run(kind, files.size(), folder);

    assertThat(outcomes).hasSize(files.size());
    List<String> wrong = new ArrayList<>();
    Map<String, String> deaths = new HashMap<>();
    for (int i = 0; i < files.size(); i++) {
      String outcome = outcomes.get(i);
      String file = files.get(i).toString();
      String name = files.get(i).source().getFileName().toString();
      if (outcome.startsWith("died")) {
        deaths.put(file, outcome);
      } else if (!outcome.matches("(works|refused|request-refused) .*")) {
        wrong.add(file + ": " + outcome);
      } else if (outcome.startsWith("refused") && !names(outcome, kind, name)) {
        wrong.add(file + " is not named: " + outcome);
      }
    }
    assertThat(wrong).isEmpty();
    Set<String> known = knownDeaths(files);
    assertThat(deaths.keySet()).as("files that end the process: %s", deaths).isEqualTo(known);
    assertThat(outcomes.values()).anyMatch(outcome -> outcome.startsWith("works"));
  }

  @Test
  void shouldBeFiveHundredFilesAndMore() throws IOException {
    Map<FileKind, Integer> counts = new HashMap<>();
    for (FileKind kind : FileKind.values()) {
      counts.put(kind, HostileFile.all(kind).size());
    }
    assertThat(counts.get(FileKind.PROGRAM)).isGreaterThanOrEqualTo(250);
    assertThat(counts.get(FileKind.TOKENIZER)).isGreaterThanOrEqualTo(150);
    assertThat(counts.get(FileKind.IMAGE)).isGreaterThanOrEqualTo(100);
    assertThat(counts.get(FileKind.AUDIO)).isGreaterThanOrEqualTo(100);
    assertThat(counts.get(FileKind.BOMB)).isEqualTo(Bombs.contents().size());
    assertThat(counts.get(FileKind.CHAT_TEMPLATE)).isGreaterThanOrEqualTo(50);
    assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThan(1000);
  }

  // A data file's program is to blame as well as the file; templates are read by their folder.
  private static boolean names(String outcome, FileKind kind, String name) {
    return kind.isMedia()
        || outcome.contains(name)
        || (kind == FileKind.DATA && outcome.contains(".pte"))
        || (kind == FileKind.CHAT_TEMPLATE && outcome.contains("chat_template"));
  }

  private static Set<String> knownDeaths(List<HostileFile> files) throws IOException {
    Set<String> all = new HashSet<>();
    files.forEach(file -> all.add(file.toString()));
    Set<String> known = new HashSet<>();
    for (String line : Files.readAllLines(KNOWN_DEATHS)) {
      String file = line.replaceFirst("\\t.*", "");
      if (!line.startsWith("#") && all.contains(file)) {
        known.add(file);
      }
    }
    return known;
  }
}
