package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every word of the tables of small files is replaced by others; nothing native is asked. */
class DamagedTablesTest {
  private static final String UPDATE_CACHE = "kernels/update_cache-b1-h4-1-d32-q17-at15-of32.pte";
  private static final int LARGEST_INDEX = 8;

  @Test
  void shouldRefuseArgumentsOfAnotherKind() throws IOException {
    assertThat(findings(UPDATE_CACHE, ProgramTables::check))
        .anyMatch(finding -> finding.startsWith("argument 0 of a call of llama::update_cache.out"))
        .anyMatch(finding -> finding.startsWith("argument 2 of a call of llama::update_cache.out"))
        .anyMatch(finding -> finding.matches("something refers to value \\d+ of \\d+"));
  }

  @Test
  void shouldRefuseSegmentsAndNamesThatAreNotThere() throws IOException {
    assertThat(findings("external.ptd", tables -> DataTables.check(tables, 544)))
        .contains("a segment lies outside of the file", "something has no name")
        .anyMatch(finding -> finding.matches("a tensor of \\d+ bytes is larger than .*"))
        .anyMatch(finding -> finding.startsWith("a tensor has the unknown element type"));
  }

  @ParameterizedTest
  @ValueSource(strings = {UPDATE_CACHE, "two-methods.pte", "sharing.pte", "unplanned.pte"})
  void shouldAcceptWhatExportersWrite(String program) {
    assertThatCode(() -> ProgramFile.checkProgram(Fixtures.path(program)))
        .doesNotThrowAnyException();
  }

  // What is thrown but these two ends the test, as it would end an opening.
  private static Set<String> findings(String file, Consumer<ByteBuffer> check) throws IOException {
    byte[] bytes = Files.readAllBytes(Fixtures.path(file));
    ByteBuffer tables = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    Set<String> findings = new TreeSet<>();
    for (int at = 0; at < bytes.length - 3; at += 4) {
      int good = tables.getInt(at);
      for (int wrong : wrongFor(good)) {
        tables.putInt(at, wrong);
        try {
          check.accept(tables);
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
          findings.add("outside");
        } catch (IllegalArgumentException e) {
          findings.add(e.getMessage());
        }
      }
      tables.putInt(at, good);
    }
    return findings;
  }

  private static List<Integer> wrongFor(int good) {
    return good >= 0 && good < LARGEST_INDEX
        ? List.of(0, 1, 2, 3, 4, 5, 6, 7, 100, -1)
        : List.of(0, -1, Integer.MAX_VALUE, good + 4, good - 4, good ^ 0xff);
  }
}
