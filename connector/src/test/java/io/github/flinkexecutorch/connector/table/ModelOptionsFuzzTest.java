package io.github.flinkexecutorch.connector.table;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;

/** Any options of a statement that creates a model: planned, or refused before a job starts. */
class ModelOptionsFuzzTest {
  private static final ResolvedSchema INPUT =
      ResolvedSchema.of(Column.physical("x", DataTypes.STRING()));
  private static final ResolvedSchema OUTPUT =
      ResolvedSchema.of(
          Column.physical("completion", DataTypes.STRING()),
          Column.physical("error", DataTypes.STRING()));

  /** A line is {@code name=value}. */
  @FuzzTest
  void shouldTakeOrRefuseAnyOptions(byte[] content) {
    Map<String, String> options = new HashMap<>();
    for (String line : new String(content, UTF_8).split("\n", -1)) {
      List<String> option = List.of(line.split("=", 2));
      options.put(option.get(0), option.get(option.size() - 1));
    }
    try {
      assertThat(RowPrediction.of(Configuration.fromMap(options), INPUT, OUTPUT)).isNotNull();
    } catch (IllegalArgumentException | ValidationException | InvalidRequestException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
