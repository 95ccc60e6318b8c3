package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A task fails behind ML_PREDICT. */
class SqlRecoveryITCase {
  private static final int ROWS = 200;
  private static final int PER_CHECKPOINT = 50;
  private static final TypeInformation<Row> TYPE =
      Types.ROW_NAMED(new String[] {"id", "message"}, Types.INT, Types.STRING);

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2);

  @ParameterizedTest
  @CsvSource({"true, 1", "false, 1", "true, 2", "false, 2"})
  void shouldCompleteEachRowOnceAndAsWithoutTheFailure(String async, int parallelism)
      throws Exception {
    List<Row> rows = IntStream.range(0, ROWS).mapToObj(SqlRecoveryITCase::row).toList();
    List<Row> undisturbed = model(SqlModels.streaming(1).table(TYPE, rows)).predict("*", "message");
    StreamExecutionEnvironment env = TestCluster.environment(parallelism, 1);
    env.enableCheckpointing(50);

    DataStream<Row> predicted =
        model(new SqlModels(env).table(rowsInParts(env))).stream("*", "message", "async", async);
    var results =
        predicted.map(new FailOnceAfterCheckpoint<>()).returns(predicted.getType()).collectAsync();
    env.execute();

    List<Row> completed = new ArrayList<>();
    results.forEachRemaining(completed::add);
    assertThat(FailOnceAfterCheckpoint.failures()).isOne();
    assertThat(completed).containsExactlyInAnyOrderElementsOf(undisturbed);
  }

  private static SqlModels model(SqlModels sql) {
    return sql.model(
        "message STRING", "completion STRING", SqlModels.options(Tickets.batchedOptions()));
  }

  /** Each part once a checkpoint is complete. */
  private static DataStream<Row> rowsInParts(StreamExecutionEnvironment env) {
    return env.fromSource(
        new DataGeneratorSource<>(
            number -> row(number.intValue()),
            ROWS,
            RateLimiterStrategy.perCheckpoint(PER_CHECKPOINT),
            TYPE),
        WatermarkStrategy.noWatermarks(),
        "rows");
  }

  private static Row row(int number) {
    return Row.of(number, "Where is order " + (100_000 + number) + "?");
  }
}
