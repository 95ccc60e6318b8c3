package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes as a journal that a process has left behind, and any name of a request in one. */
class CrashJournalFuzzTest {
  private static final String DIGEST = "0123456789abcdef".repeat(2);

  @TempDir private static Path folder;

  @FuzzTest
  void shouldBelieveWhatAnyJournalSays(byte[] content) throws IOException {
    Path journal = Files.write(folder.resolve("left.journal"), content);
    JournalFolder folder = JournalFolder.of(journal.getParent());
    CrashEvidence evidence = CrashEvidence.in(folder);

    List<JournalKey> suspects = new ArrayList<>();
    boolean guilty = false;
    for (int offset = 0; offset < content.length; offset += JournalLine.BYTES) {
      JournalLine line = JournalLine.at(content, offset);
      if (line == null || line.state() == JournalLine.State.OVER) {
        continue;
      }
      JournalKey key = new JournalKey(line.digest(), line.name());
      if (line.state() == JournalLine.State.ALONE) {
        assertThat(evidence.against(key)).hasValue(journal);
        guilty = true;
      } else {
        assertThat(evidence.isSuspect(key)).isTrue();
        suspects.add(key);
      }
    }
    assertThat(Files.exists(journal)).isEqualTo(guilty || !suspects.isEmpty());

    suspects.forEach(evidence::acquit);
    CrashEvidence later = CrashEvidence.in(folder);
    assertThat(suspects).noneMatch(later::isSuspect);
    assertThat(Files.exists(journal)).isEqualTo(guilty);
  }

  @FuzzTest
  void shouldKeepItsLinesWhateverARequestIsCalled(byte[] name) {
    JournalKey key = new JournalKey(DIGEST, new String(name, UTF_8));
    for (JournalLine.State state : JournalLine.State.values()) {
      JournalLine line = JournalLine.of(state, key);

      assertThat(line.encoded()).hasSize(JournalLine.BYTES);
      assertThat(JournalLine.at(line.encoded(), 0)).isEqualTo(line);
    }
  }
}
