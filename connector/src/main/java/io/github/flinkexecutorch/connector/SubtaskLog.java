package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.MetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What one subtask says in the log: ids, kinds and sizes, never a text of a record. Its lines have
 * the job, the operator and the subtask in the MDC, which is set for these lines alone.
 */
final class SubtaskLog {
  private static final Logger LOG = LoggerFactory.getLogger(SubtaskLog.class);
  private static final String PREFIX = "executorch-";

  /** Keys of the MDC, by the variables of Flink's metric groups. */
  private static final Map<String, String> KEYS =
      Map.of(
          "<job_name>", PREFIX + "job",
          "<operator_name>", PREFIX + "operator",
          "<subtask_index>", PREFIX + "subtask",
          "<task_attempt_num>", PREFIX + "attempt");

  private final Map<String, String> context = new HashMap<>();

  /**
   * @param operator group of the operator's metrics, which knows where it runs
   */
  SubtaskLog(MetricGroup operator) {
    operator
        .getAllVariables()
        .forEach(
            (variable, value) -> {
              if (KEYS.containsKey(variable)) {
                context.put(KEYS.get(variable), value);
              }
            });
  }

  /** The engine can take requests. */
  void opened(InferenceEngine engine, Duration loadTime) {
    say(
        () ->
            LOG.info(
                "Model {} of {} bytes is ready after {} ms",
                engine.modelDigest(),
                engine.modelBytes(),
                loadTime.toMillis()));
  }

  /** A request has no completion. At level DEBUG: the dead letter says more. */
  void failed(Failure failure) {
    if (LOG.isDebugEnabled()) {
      say(() -> LOG.debug("Request {} failed: {}", failure.id(), failure.kind()));
    }
  }

  private void say(Runnable line) {
    context.forEach(MDC::put);
    try {
      line.run();
    } finally {
      context.keySet().forEach(MDC::remove);
    }
  }
}
