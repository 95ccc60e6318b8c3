package io.github.flinkexecutorch.connector.table;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.ReadmeTables;
import io.github.flinkexecutorch.connector.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Holds docs/sql.md to the code, and its statements to what they give. With {@code
 * -Ddocs.write=true} it writes the tables and the results anew.
 */
class SqlPageITCase {
  private static final Path PAGE = Path.of("..", "docs", "sql.md");
  private static final Pattern STATEMENTS = Pattern.compile("```sql\n(.*?)\n```", Pattern.DOTALL);

  /** Whose results the page shows: its first blocks of statements, in their order. */
  private static final List<String> RESULTS = List.of("tickets", "pictures");

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldHoldTheTablesOfTheCode() throws IOException {
    String page = Files.readString(PAGE);
    page = ReadmeTables.replace(page, "output-columns", outputColumns());
    page = ReadmeTables.replace(page, "sql-options", options());
    requirePage(ReadmeTables.replace(page, "operator-options", operatorOptions()));
  }

  @Test
  void shouldShowWhatItsStatementsGive() throws Exception {
    String page = Files.readString(PAGE);
    List<String> blocks = STATEMENTS.matcher(page).results().map(m -> m.group(1)).toList();
    for (int i = 0; i < RESULTS.size(); i++) {
      page = ReadmeTables.replace(page, RESULTS.get(i), run(blocks.get(i)));
    }
    requirePage(page);
  }

  private static void requirePage(String expected) throws IOException {
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(Files.readString(PAGE))
        .as("run this test with -Ddocs.write=true to bring %s up to date", PAGE)
        .isEqualTo(expected);
  }

  /** The results of the last statement. */
  private static String run(String statements) throws Exception {
    StreamTableEnvironment env = StreamTableEnvironment.create(TestCluster.environment(1, 0));
    String here =
        statements
            .replace("'sample-data/", "'../sample-data/")
            .replace("/archive/images", absolute("../sample-data/scenes/images").toString());
    TableResult result = null;
    for (String statement : here.split(";\\s*", -1)) {
      if (!statement.isBlank()) {
        result = env.executeSql(statement);
      }
    }
    List<List<String>> rows = new ArrayList<>();
    result.collect().forEachRemaining(row -> rows.add(cells(row)));
    return ReadmeTables.table(result.getResolvedSchema().getColumnNames(), rows.stream());
  }

  private static List<String> cells(Row row) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < row.getArity(); i++) {
      Object value = row.getField(i);
      cells.add(value == null ? "NULL" : "`" + value.toString().strip() + "`");
    }
    return cells;
  }

  private static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }

  private static String outputColumns() {
    return ReadmeTables.table(
        List.of("Column", "Metadata key", "Type", "Value"),
        Arrays.stream(OutputColumn.values())
            .map(
                column ->
                    List.of(
                        column.columnName() == null
                            ? "the first"
                            : ReadmeTables.code(column.columnName()),
                        column.metadataKey() == null ? "" : ReadmeTables.code(column.metadataKey()),
                        ReadmeTables.code(column.type().toString()),
                        column.description())));
  }

  private static String options() {
    Stream<List<String>> rows =
        ReadmeTables.optionsOf(ExecuTorchModelOptions.class)
            .map(row -> List.of(row.get(0), row.get(3), row.get(4)));
    return ReadmeTables.table(List.of("Option", "Type", "Description"), rows);
  }

  private static String operatorOptions() {
    return ExecuTorchModelOptions.OF_THE_OPERATOR.stream()
            .map(ConfigOption::key)
            .sorted()
            .map(ReadmeTables::code)
            .collect(joining(",\n"))
        + ".";
  }
}
