package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toCollection;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What metrics are called where Flink's Prometheus reporter shows them. */
final class PrometheusNames {
  /** The logical scope of an operator's metrics, and in it the connector's group. */
  static final String OPERATOR = "flink_taskmanager_job_task_operator_executorch_";

  /** What Kafka still has for a subtask of the source. */
  static final String LAG = "flink_taskmanager_job_task_operator_pendingRecords";

  /** Flink's own metrics that the dashboard shows or that alerts are about. */
  private static final List<String> FLINK =
      List.of(
          "flink_jobmanager_numRegisteredTaskManagers",
          "flink_jobmanager_job_numRestarts",
          "flink_jobmanager_job_lastCheckpointDuration",
          "flink_jobmanager_job_numberOfFailedCheckpoints",
          LAG,
          "flink_taskmanager_job_task_backPressuredTimeMsPerSecond",
          "flink_taskmanager_Status_JVM_Memory_Heap_Used");

  private static final Pattern NAME = Pattern.compile("\\bflink_\\w+");

  private PrometheusNames() {}

  /** The name of a metric of the connector. */
  static String of(LlmMetric metric) {
    return OPERATOR + metric.label().map(label -> label + "_").orElse("") + metric.metricName();
  }

  /** Everything that may be asked for. */
  static Set<String> known() {
    Set<String> names = new TreeSet<>(FLINK);
    Arrays.stream(LlmMetric.values()).map(PrometheusNames::of).forEach(names::add);
    return names;
  }

  /** The metrics that an expression of Prometheus's language asks for. */
  static Set<String> in(String expression) {
    return NAME.matcher(expression)
        .results()
        .map(MatchResult::group)
        .collect(toCollection(TreeSet::new));
  }
}
