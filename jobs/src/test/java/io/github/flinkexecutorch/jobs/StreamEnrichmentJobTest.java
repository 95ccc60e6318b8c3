package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class StreamEnrichmentJobTest {

  @Test
  void shouldHaveAnInferenceForEachModel() {
    assertThat(plan("--named-model=large=/l/model.pte", "--named-model=other=/o/model.pte"))
        .contains("\"models\"", "llm-inference-large", "llm-inference-other", "images-large");
  }

  @Test
  void shouldRouteNothingWithOneModel() {
    assertThat(plan()).contains("llm-inference").doesNotContain("\"models\"");
  }

  private static String plan(String... more) {
    String[] arguments = new String[more.length + 4];
    System.arraycopy(more, 0, arguments, 4, more.length);
    arguments[0] = "--bootstrap-servers";
    arguments[1] = "localhost:9092";
    arguments[2] = "--model";
    arguments[3] = "/models/model.pte";
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    StreamEnrichmentJob.define(env, StreamEnrichmentOptions.parse(arguments));
    return env.getExecutionPlan();
  }
}
