package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A crash journal while another version of the model takes over. */
@Timeout(120)
class SwapGuardTest {
  private static final InferenceRequest BESIDE = InferenceRequest.of("beside", "one");
  private static final InferenceRequest SUSPECT = InferenceRequest.of("suspect", "two");

  @TempDir private Path journals;
  private final VersionedFakes fakes = new VersionedFakes("v1");
  private SubtaskEngine engine;

  @BeforeEach
  void openAfterACrashOfTheFirstVersion() throws Exception {
    JournalLine line = JournalLine.of(JournalLine.State.RUNNING, JournalKey.of(SUSPECT, "v1"));
    Files.write(journals.resolve("of-another-process.journal"), line.encoded());
    Configuration options =
        new Configuration().set(ExecuTorchOptions.CRASH_JOURNAL_FOLDER, journals.toString());
    engine =
        SubtaskEngine.open(
            fakes,
            GenerationSettings.from(options),
            ServingSettings.PLAIN,
            NativeMemory.of(NativeMemory.UNKNOWN),
            new MetricListener().getMetricGroup(),
            "test");
  }

  @AfterEach
  void close() {
    engine.close();
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldCompleteWhatWaitsToBeAloneByTheVersionThatItCameFor() throws Exception {
    CompletableFuture<Answer> beside = engine.submit(BESIDE);
    CompletableFuture<Answer> suspect = engine.submit(SUSPECT);
    assertThat(fakes.engine("v1").inFlight()).isEqualTo(1);

    swap();
    fakes.engine("v1").answer("beside");
    await().until(() -> fakes.engine("v1").request("suspect") != null);
    assertThat(fakes.engine("v1").isClosed()).isFalse();
    fakes.engine("v1").answer("suspect");

    assertThat(beside.join().model().name()).isEqualTo("v1");
    assertThat(suspect.join().model().name()).isEqualTo("v1");
    await().until(fakes.engine("v1")::isClosed);
  }

  @Test
  void shouldNoteRequestsUnderTheVersionThatCompletesThem() throws Exception {
    swap();

    CompletableFuture<Answer> answer = engine.submit(SUSPECT);

    assertThat(fakes.engine("v2").inFlight()).as("no suspect of this version").isEqualTo(1);
    assertThat(notes())
        .contains("R " + JournalKey.of(SUSPECT, "v2").digest())
        .doesNotContain(JournalKey.of(SUSPECT, "v1").digest());
    fakes.engine("v2").answer("suspect");
    assertThat(answer.join().model().name()).isEqualTo("v2");
  }

  private void swap() {
    fakes.want("v2");
    fakes.load("v2");
    while (!engine.modelDigest().equals("v2")) {
      engine.checkpointCompleted();
    }
  }

  /** What this process has noted. */
  private String notes() throws IOException {
    try (var files = Files.list(journals)) {
      Path own =
          files.filter(file -> !file.endsWith("of-another-process.journal")).findFirst().get();
      return Files.readString(own);
    }
  }
}
