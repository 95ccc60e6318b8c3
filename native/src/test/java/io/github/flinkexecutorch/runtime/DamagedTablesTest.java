package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final Path QUANTIZED = Path.of("../sample-data/batched/llama3-8da4w.pte");
  private static final int TABLE_BYTES_AT = 16;
  private static final int SEGMENTS_AT = 24;
  private static final int LARGEST_INDEX = 8;

  @Test
  void shouldRefuseArgumentsOfAnotherKind() throws IOException {
    assertThat(findings(UPDATE_CACHE, ProgramTables::check))
        .anyMatch(finding -> finding.startsWith("argument 0 of a call of llama::update_cache.out"))
        .anyMatch(finding -> finding.startsWith("argument 2 of a call of llama::update_cache.out"))
        .anyMatch(finding -> finding.matches("something refers to value \\d+ of \\d+"));
  }

  @Test
  void shouldRefuseTensorsAndOperatorsThatCannotBeUsed() throws IOException {
    assertThat(findings("two-methods.pte", ProgramTables::check))
        .contains("an operator has no name")
        .anyMatch(finding -> finding.matches("tensor \\d+ has no memory"))
        .anyMatch(finding -> finding.startsWith("a tensor has the unknown dynamism"));
  }

  @Test
  void shouldRefuseWhatEndsTheProcessInAKernel() throws IOException {
    byte[] bytes = Files.readAllBytes(QUANTIZED);
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int tables = (int) header.getLong(TABLE_BYTES_AT);
    String embedding = "a call of quantized_decomposed::embedding_4bit.out has unfit ";
    assertThat(findings(bytes, tables, ProgramTables::check))
        .contains(embedding + "weights", embedding + "scales", embedding + "indices")
        .contains(embedding + "result")
        .anyMatch(finding -> finding.matches("a call of aten::sym_size.int asks for .* of \\d"));
  }

  @Test
  void shouldRefuseCallsAndConstantsThatDoNotFitTheirDelegate() throws IOException {
    assertThat(findings("two-methods.pte", DamagedTablesTest::checkDelegates))
        .contains("outside", "a constant of a delegate is smaller than its sizes say")
        .anyMatch(finding -> finding.matches("a call of delegate 0 has 0 arguments instead of 2"))
        .anyMatch(finding -> finding.matches("constant \\w+ of a delegate has 0 bytes, not 512"));
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
    return findings(bytes, bytes.length, check);
  }

  private static Set<String> findings(byte[] bytes, int end, Consumer<ByteBuffer> check) {
    ByteBuffer tables = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    Set<String> findings = new TreeSet<>();
    for (int at = 0; at < end - 3; at += 4) {
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

  private static void checkDelegates(ByteBuffer program) {
    int segmentsAt = (int) program.getLong(SEGMENTS_AT);
    DelegateTables.check(
        program,
        (offset, bytes) ->
            program.slice(Math.addExact(segmentsAt, Math.toIntExact(offset)), (int) bytes));
  }

  private static List<Integer> wrongFor(int good) {
    return good >= 0 && good < LARGEST_INDEX
        ? List.of(0, 1, 2, 3, 4, 5, 6, 7, 100, -1)
        : List.of(0, -1, Integer.MAX_VALUE, good + 4, good - 4, good ^ 0xff);
  }
}
