package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.RowTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.ModelDescriptor;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.ColumnList;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/** A table {@code t} and a model {@code m} of SQL in a test's cluster. */
final class SqlModels {
  /** ML_PREDICT cannot be planned in batch mode before Flink 2.3. */
  private static final boolean HAS_BATCH = !EnvironmentInformation.getVersion().startsWith("2.2.");

  private final StreamExecutionEnvironment env;
  private final StreamTableEnvironment sql;

  SqlModels(RuntimeExecutionMode mode, int parallelism) {
    env = TestCluster.environment(parallelism, 0);
    sql =
        StreamTableEnvironment.create(
            env,
            mode == RuntimeExecutionMode.BATCH
                ? EnvironmentSettings.inBatchMode()
                : EnvironmentSettings.inStreamingMode());
  }

  /** Streaming in an environment of the test's own. */
  SqlModels(StreamExecutionEnvironment env) {
    this.env = env;
    this.sql = StreamTableEnvironment.create(env);
  }

  static SqlModels streaming(int parallelism) {
    return new SqlModels(RuntimeExecutionMode.STREAMING, parallelism);
  }

  static Stream<RuntimeExecutionMode> modes() {
    return HAS_BATCH
        ? Stream.of(RuntimeExecutionMode.STREAMING, RuntimeExecutionMode.BATCH)
        : Stream.of(RuntimeExecutionMode.STREAMING);
  }

  /** Options under the keys that they have for the operator, and more. */
  static Map<String, String> options(Configuration operator, String... more) {
    Map<String, String> options = new TreeMap<>(operator.toMap());
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  SqlModels table(TypeInformation<?> type, List<Row> rows) {
    return table(env.fromData(rows, (RowTypeInfo) type).setParallelism(1));
  }

  SqlModels table(DataStream<Row> rows) {
    sql.createTemporaryView("t", sql.fromDataStream(rows));
    return this;
  }

  SqlModels model(String input, String output, Map<String, String> options) {
    Map<String, String> all = new TreeMap<>(Map.of("provider", "executorch"));
    all.putAll(options);
    sql.executeSql(
        "CREATE MODEL m INPUT (%s) OUTPUT (%s) WITH (%s)"
            .formatted(
                input,
                output,
                all.entrySet().stream()
                    .map(e -> "'%s' = '%s'".formatted(e.getKey(), e.getValue().replace("'", "''")))
                    .collect(joining(", "))));
    return this;
  }

  /** A model as a program makes one, which can have columns that CREATE MODEL refuses. */
  SqlModels model(Schema input, Schema output, Map<String, String> options) {
    ModelDescriptor.Builder model =
        ModelDescriptor.forProvider("executorch").inputSchema(input).outputSchema(output);
    options.forEach(model::option);
    sql.createTemporaryModel("m", model.build());
    return this;
  }

  /** What the Table API's own way of predicting gives. */
  Table predicted(String... columns) {
    return sql.fromModel("m").predict(sql.from("t"), ColumnList.of(List.of(columns)));
  }

  /** Predicts from these columns of the table. */
  List<Row> predict(String select, String columns, String... config) throws Exception {
    return rows(start(select, columns, config));
  }

  /** All rows of a result, when its job has ended. */
  static List<Row> rows(TableResult result) throws Exception {
    CloseableIterator<Row> rows = result.collect();
    try {
      return Pictures.all(rows);
    } finally {
      rows.close();
    }
  }

  /** Begins to predict. */
  TableResult start(String select, String columns, String... config) {
    return sql.executeSql(query(select, columns, config));
  }

  /** What is predicted, for more of a job. */
  DataStream<Row> stream(String select, String columns, String... config) {
    return sql.toDataStream(sql.sqlQuery(query(select, columns, config)));
  }

  private static String query(String select, String columns, String... config) {
    return "SELECT %s FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(%s)%s)"
        .formatted(
            select,
            columns,
            config.length == 0 ? "" : ", MAP['" + String.join("', '", config) + "']");
  }
}
