package io.github.flinkexecutorch.connector;

import static io.github.flinkexecutorch.connector.TestCluster.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Errors as METADATA columns, which models have that a program makes. */
class SqlMetadataITCase {
  private static final String MESSAGE = "My kettle broke.";
  private static final TypeInformation<Row> TICKET =
      Types.ROW_NAMED(new String[] {"id", "message"}, Types.STRING, Types.STRING);
  private static final Schema INPUT =
      Schema.newBuilder().column("message", DataTypes.STRING()).build();
  private static final Schema OUTPUT =
      Schema.newBuilder()
          .column("completion", DataTypes.STRING())
          .column("generated_tokens", DataTypes.INT())
          .columnByMetadata("error-string", DataTypes.STRING(), true)
          .columnByMetadata("kind", DataTypes.STRING(), "error-kind")
          .columnByMetadata("prompt-tokens", DataTypes.INT())
          .build();

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldTellOfErrorsInMetadataColumns() throws Exception {
    List<Row> rows =
        model().predict("id, `error-string`, kind, generated_tokens, `prompt-tokens`", "message");

    Row good = rows.get(0);
    assertThat(good.getField("error-string")).isNull();
    assertThat(good.getField("kind")).isNull();
    assertThat((Integer) good.getField("generated_tokens")).isPositive();
    assertThat((Integer) good.getField("prompt-tokens")).isGreaterThan(10);
    Row bad = rows.get(1);
    assertThat((String) bad.getField("error-string")).contains("is blank");
    assertThat(bad.getField("kind")).isEqualTo("EMPTY_PROMPT");
    assertThat(bad.getField("generated_tokens")).isNull();
    assertThat(rows).hasSize(2);
  }

  @Test
  void shouldRefuseThemWhereFlinkLeavesThemOut() {
    assertThatThrownBy(() -> model().predict("*", "message", "async", "false"))
        .hasStackTraceContaining("Flink leaves METADATA output columns out where async is false");
  }

  /** When this fails, Flink has learnt it: docs/sql.md says that it has not. */
  @Test
  void shouldNotBeForModelPredict() {
    assertThat(failureOf(() -> SqlModels.rows(model().predicted("message").execute())))
        .hasStackTraceContaining("Row arity: 7, but serializer arity: 4")
        .satisfies(
            failure ->
                assertThat(ExceptionUtils.stringifyException(failure)).doesNotContain(MESSAGE));
  }

  /** When this fails, Flink has learnt it: docs/sql.md says that it has not. */
  @Test
  void shouldBeRefusedByCreateModel() {
    Configuration options = Tickets.options();

    assertThatThrownBy(
            () ->
                SqlModels.streaming(1)
                    .model(
                        "message STRING",
                        "completion STRING, `error-string` STRING METADATA",
                        SqlModels.options(options)))
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining("can only be a physical column");
  }

  private static SqlModels model() {
    return SqlModels.streaming(1)
        .table(TICKET, List.of(Row.of("good", MESSAGE), Row.of("blank", " ")))
        .model(INPUT, OUTPUT, SqlModels.options(Tickets.batchedOptions()));
  }
}
