package io.github.flinkexecutorch.jobs.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.jobs.ResultJson;
import io.github.flinkexecutorch.llm.FinishReason;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionParquetTest {

  @ParameterizedTest
  @CsvSource({"0,", "30, v2"})
  void shouldHaveTheFieldsOfTheJson(int truncated, String version) throws IOException {
    Completion completion =
        new Completion(
            "a", null, "té", FinishReason.LENGTH, 12, 7, truncated, "c0ffee", version, null);

    ObjectNode row = ParquetJson.of(CompletionParquet.row(completion));

    JsonNode json = new ObjectMapper().readTree(ResultJson.of(completion));
    row.properties().removeIf(field -> field.getValue().isNull());
    assertThat(new ObjectMapper().readTree(row.toString())).isEqualTo(json);
  }
}
