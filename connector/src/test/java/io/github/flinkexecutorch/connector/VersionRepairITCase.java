package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A job that starts, or starts again, while its version file names what cannot be opened. */
class VersionRepairITCase {
  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  @TempDir private Path folder;

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldRestartUntilTheFileNamesAVersionThatCanBeOpened() throws Exception {
    Files.copy(Tickets.MODEL, Files.createDirectory(folder.resolve("v1")).resolve("model.pte"));
    Files.writeString(Files.createDirectory(folder.resolve("v2")).resolve("model.pte"), "broken");
    Path pointer = Files.writeString(folder.resolve("current"), "no name");
    Configuration options =
        Tickets.options()
            .set(ExecuTorchOptions.MODEL_PATH, folder + "/{version}/model.pte")
            .set(ExecuTorchOptions.MODEL_VERSION_FILE, pointer.toString());
    StreamExecutionEnvironment env = TestCluster.environment(1, 2);
    var completions =
        LlmInference.builder()
            .options(options)
            .engines(new RepairedAfterEachFailure(options, pointer.toString()))
            .build()
            .apply(env.fromData(InferenceRequest.of("a", "Ticket: my kettle broke")))
            .completions()
            .collectAsync();

    env.execute();

    List<Completion> completed = new ArrayList<>();
    completions.forEachRemaining(completed::add);
    assertThat(completed).extracting(Completion::modelVersion).containsExactly("v1");
  }

  /** Somebody writes another version when the one in the file has failed: first v2, then v1. */
  private record RepairedAfterEachFailure(Configuration options, String pointer)
      implements EngineFactory {

    @Override
    public CompletableFuture<InferenceEngine> open(String name) {
      return open(name, version());
    }

    @Override
    public CompletableFuture<InferenceEngine> open(String name, String version) {
      return new ModelEngineFactory(options)
          .open(name, version)
          .whenComplete(
              (engine, failure) -> {
                if (failure != null) {
                  write("v1");
                }
              });
    }

    @Override
    public String version() {
      try {
        return new ModelEngineFactory(options).version();
      } catch (RuntimeException e) {
        write("v2");
        throw e;
      }
    }

    @Override
    public boolean isVersioned() {
      return true;
    }

    private void write(String version) {
      try {
        Files.writeString(Path.of(pointer), version);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
