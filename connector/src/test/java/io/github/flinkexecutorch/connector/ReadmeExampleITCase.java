package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class ReadmeExampleITCase {
  @Test
  void shouldPrintTheTicket() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      runExample();
    } finally {
      System.setOut(console);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("\"category\":\"defect\"", "\"Cobalt Headphones\"", "\"648288\"");
  }

  private static void runExample() throws Exception {
    // README {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<InferenceRequest> requests =
        env.fromData("The Cobalt Headphones broke on the first day. Order 648288.")
            .map(message -> InferenceRequest.of("T-1", "Ticket: " + message + "\nJSON:"))
            .returns(InferenceRequest.class);
    InferenceStreams out =
        LlmInference.builder()
            .model("../sample-data/tickets/model.pte")
            .tokenizer("../sample-data/tickets/tokenizer.json")
            .maxNewTokens(64)
            .build()
            .apply(requests);
    out.completions().map(Completion::text).print();
    out.failures().map(Failure::message).print();
    env.execute("tickets");
    // }
  }
}
