package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Checkpoints that come more often than completions. */
@Timeout(120)
class CheckpointsITCase {
  private static final int REQUESTS = 8;
  private static final int EDGE = 96;
  private static final int PIXEL_BYTES = 3 * EDGE * EDGE;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  private static volatile FakeEngine held;

  @BeforeEach
  void forgetEarlierTests() {
    held = FakeEngine.holding();
  }

  @Test
  void shouldCompleteWhileNoGenerationDoesAndHoldTheQueue(@InjectMiniCluster MiniCluster cluster)
      throws Exception {
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    env.enableCheckpointing(20);
    Configuration options =
        new Configuration()
            .set(
                ExecuTorchOptions.IMAGE_PREPROCESSOR,
                "../sample-data/scenes/preprocessor_config.json");
    var completed =
        LlmInference.builder()
            .options(options)
            .engines(name -> CompletableFuture.completedFuture(held))
            .capacity(REQUESTS + 1) // a full queue holds checkpoints up
            .build()
            .apply(requests(env))
            .completions()
            .collectAsync();
    JobClient job = env.executeAsync();
    await().atMost(LIMIT).until(() -> held.inFlight() == REQUESTS);
    long before = completed(cluster, job.getJobID());

    await().atMost(LIMIT).until(() -> completed(cluster, job.getJobID()) >= before + 5);

    assertThat(held.inFlight()).isEqualTo(REQUESTS);
    long content = (long) REQUESTS * PIXEL_BYTES;
    assertThat(stateSize(cluster, job.getJobID())).isBetween(content, content + 64 * 1024);
    for (int i = 0; i < REQUESTS; i++) {
      held.answer("r" + i);
    }
    FirstRecords.letTheRestThrough();
    List<Completion> completions = new ArrayList<>();
    completed.forEachRemaining(completions::add);
    assertThat(completions)
        .extracting(Completion::id)
        .containsExactlyElementsOf(IntStream.range(0, REQUESTS).mapToObj(i -> "r" + i).toList());
  }

  /** So many with an image, and then nothing until the test says that it is the end. */
  private static DataStream<InferenceRequest> requests(StreamExecutionEnvironment env) {
    DataGeneratorSource<InferenceRequest> source =
        new DataGeneratorSource<>(
            i -> request(i),
            REQUESTS,
            FirstRecords.of(REQUESTS),
            TypeInformation.of(InferenceRequest.class));
    return env.fromSource(source, WatermarkStrategy.noWatermarks(), "requests");
  }

  private static InferenceRequest request(long number) {
    byte[] pixels = new byte[PIXEL_BYTES];
    new Random(number).nextBytes(pixels);
    return InferenceRequest.of("r" + number, "prompt <image>")
        .withImages(new RequestImage(null, null, EDGE, EDGE, pixels, EDGE, EDGE, null));
  }

  private static long completed(MiniCluster cluster, JobID job) throws Exception {
    return checkpoints(cluster, job).getCounts().getNumberOfCompletedCheckpoints();
  }

  private static long stateSize(MiniCluster cluster, JobID job) throws Exception {
    return checkpoints(cluster, job).getHistory().getLatestCompletedCheckpoint().getStateSize();
  }

  private static CheckpointStatsSnapshot checkpoints(MiniCluster cluster, JobID job)
      throws Exception {
    return cluster.getExecutionGraph(job).get().getCheckpointStatsSnapshot();
  }
}
