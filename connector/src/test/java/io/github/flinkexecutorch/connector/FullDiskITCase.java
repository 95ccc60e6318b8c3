package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job whose TaskManager starts on a disk that is too small for the copy of its model. */
class FullDiskITCase {
  private static final String SMALL_DISK = "../native/src/test/bash/on-small-disk";
  private static final int RESTARTS = 2;
  private static final AtomicInteger OPENED = new AtomicInteger();

  @TempDir private Path disk;

  @Test
  void shouldRestartAsOftenAsTheJobsStrategySays() throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", SMALL_DISK, disk.toString()));
    command.add(Long.toString(Files.size(Tickets.BATCHED_MODEL) / 1024 / 2));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:-UsePerfData"));
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens="))
            .toList());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(FullDiskITCase.class.getName(), disk.toString()));
    Process job = new ProcessBuilder(command).redirectErrorStream(true).start();

    String output = new String(job.getInputStream().readAllBytes(), UTF_8);

    assertThat(output)
        .contains("opened " + (1 + RESTARTS) + " times", "copied to " + disk.resolve("models"))
        .doesNotContain("SuppressRestarts");
    assertThat(job.waitFor()).isZero();
  }

  /** On the small disk. */
  public static void main(String[] arguments) {
    Configuration options =
        Tickets.batchedOptions()
            .set(ExecuTorchOptions.MODEL_CACHE_DIRECTORY, arguments[0] + "/models");
    StreamExecutionEnvironment env = TestCluster.environment(1, RESTARTS);
    LlmInference.builder()
        .options(options)
        .engines(new Counting(new ModelEngineFactory(options)))
        .build()
        .apply(
            env.fromSequence(1, 1)
                .map(id -> InferenceRequest.of(Long.toString(id), "hello"))
                .returns(InferenceRequest.class))
        .completions()
        .sinkTo(new DiscardingSink<>());
    try {
      env.execute();
    } catch (Exception e) {
      System.out.println("opened " + OPENED + " times, then:");
      e.printStackTrace(System.out);
    }
  }

  private record Counting(EngineFactory factory) implements EngineFactory {
    @Override
    public CompletableFuture<InferenceEngine> open(String name) {
      OPENED.incrementAndGet();
      return factory.open(name);
    }
  }
}
