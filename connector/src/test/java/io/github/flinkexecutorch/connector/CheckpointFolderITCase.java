package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** No checkpoint can be written for a while, as on a full disk. */
@Timeout(120)
class CheckpointFolderITCase {
  private static final int REQUESTS = 600;
  private static final int AT_FIRST = 200;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final AtomicInteger OPENED = new AtomicInteger();

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  @TempDir private Path folder;

  @Test
  void shouldRestartUntilCheckpointsCanBeWrittenAndCompleteEachRequestOnce() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Path link = folder.resolve("checkpoints");
    lead(link, disk);
    StreamExecutionEnvironment env = TestCluster.environment(1, Integer.MAX_VALUE);
    env.enableCheckpointing(50);
    env.configure(
        new Configuration()
            .set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, link.toUri().toString()));
    var completed =
        inference()
            .apply(env.fromSource(requests(), WatermarkStrategy.noWatermarks(), "requests"))
            .completions()
            .collectAsync();
    JobClient job = env.executeAsync();
    Path checkpoints = disk.resolve(job.getJobID().toString());
    await().atMost(LIMIT).until(() -> hasCheckpoint(checkpoints));
    int before = OPENED.get();

    lead(link, Files.createFile(folder.resolve("no-folder")));
    await().atMost(LIMIT).until(() -> OPENED.get() >= before + 2);
    lead(link, disk);
    FirstRecords.letTheRestThrough();

    List<String> ids = new ArrayList<>();
    completed.forEachRemaining(completion -> ids.add(completion.id()));
    List<String> sent = IntStream.range(0, REQUESTS).mapToObj(Integer::toString).toList();
    FaultReport.row(
            46,
            "CheckpointFolderITCase"
                + "#shouldRestartUntilCheckpointsCanBeWrittenAndCompleteEachRequestOnce")
        .records(sent, ids, List.of())
        .write();
    assertThat(ids).containsExactlyInAnyOrderElementsOf(sent);
  }

  /** At once, so that no checkpoint finds no link and makes a folder in its place. */
  private static void lead(Path link, Path target) throws IOException {
    Path next = Files.createSymbolicLink(link.resolveSibling("next"), target);
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
  }

  private static LlmInference inference() {
    return LlmInference.builder()
        .engines(
            name -> {
              OPENED.incrementAndGet();
              return CompletableFuture.completedFuture(FakeEngine.answering());
            })
        .build();
  }

  private static DataGeneratorSource<InferenceRequest> requests() {
    return new DataGeneratorSource<>(
        number -> InferenceRequest.of(Long.toString(number), "hello"),
        REQUESTS,
        FirstRecords.of(AT_FIRST),
        TypeInformation.of(InferenceRequest.class));
  }

  private static boolean hasCheckpoint(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return false;
    }
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files.anyMatch(file -> Files.exists(file.resolve("_metadata")));
    }
  }
}
