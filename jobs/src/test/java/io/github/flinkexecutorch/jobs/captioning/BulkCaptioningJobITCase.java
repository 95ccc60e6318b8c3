package io.github.flinkexecutorch.jobs.captioning;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.connector.InferenceRequest;
import io.github.flinkexecutorch.jobs.Checkpoints;
import io.github.flinkexecutorch.jobs.FailOnce;
import io.github.flinkexecutorch.jobs.TestCluster;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import io.github.flinkexecutorch.jobs.demo.Topic;
import io.github.flinkexecutorch.jobs.files.JobDefaults;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The job over folders and manifests, with a mini cluster and a tiny model. */
class BulkCaptioningJobITCase {
  private static final int PARALLELISM = 2;

  /** So many that checkpoints and captions come before the last of them. */
  private static final int MANY = 400;

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(PARALLELISM);

  @TempDir private Path folder;

  private ImageFolder images;
  private CaptioningTestRun results;

  @BeforeEach
  void makeFolder() throws Exception {
    images = ImageFolder.at(folder.resolve("images"));
    results = new CaptioningTestRun(folder.resolve("output"));
  }

  @Test
  void shouldCaptionOrRefuseEveryFileOfFolderExactlyOnce() throws Exception {
    Path outside = folder.resolve("outside");
    List<String> good = new ArrayList<>(images.draw(20));
    good.addAll(List.of(images.addOdd()));
    Map<String, String> bad = images.addBad(outside);
    images.addOther(outside);

    String screen = run(results.options(images.path().toString(), "--parallelism=2"));

    List<JsonNode> captions = results.captions();
    assertThat(CaptioningTestRun.ids(captions)).containsExactlyInAnyOrderElementsOf(good);
    assertThat(results.deadLetters()).hasSize(bad.size());
    assertThat(CaptioningTestRun.byId(results.deadLetters(), "kind")).isEqualTo(bad);
    assertThat(captions)
        .allSatisfy(
            caption -> {
              assertThat(caption.get("image").asText())
                  .isEqualTo(images.path() + "/" + caption.get("id").asText());
              assertThat(caption.get("caption").asText()).isNotEmpty();
              assertThat(caption.get("model_digest").asText()).matches("[0-9a-f]{64}");
              assertThat(caption.get("generated_tokens").asInt()).isBetween(1, 8);
              assertThat(caption.get("thumbnail").binaryValue()).startsWith(0xff, 0xd8, 0xff);
              assertThat(caption.get("width").asInt()).isPositive();
            });
    assertThat(screen)
        .contains("%d captions, %d without one".formatted(good.size(), bad.size()))
        .contains("gallery.html");
    assertThat(Files.readAllLines(results.output().resolve("captions.jsonl"))).hasSize(good.size());
    assertThat(results.output().resolve("gallery.html")).isNotEmptyFile();
    Checkpoints.requireNone(results.output().resolve("checkpoints"));
  }

  @Test
  void shouldCaptionEveryImageExactlyOnceWhenTaskFails() throws Exception {
    List<String> good = images.draw(MANY);
    Map<String, String> bad = images.addBad(folder.resolve("outside"));
    BulkCaptioningOptions options =
        results.options(images.path().toString(), "--parallelism=2", "--no-gallery");

    String screen = run(failing(environment(2), options, 20), options);

    assertThat(FailOnce.hasFailed()).as("a task has failed in the middle").isTrue();
    assertThat(CaptioningTestRun.ids(results.captions())).containsExactlyInAnyOrderElementsOf(good);
    assertThat(CaptioningTestRun.byId(results.deadLetters(), "kind")).isEqualTo(bad);
    assertThat(results.deadLetters()).hasSize(bad.size());
    assertThat(screen).as("counts go on after the restart").contains(MANY + " captions, 7 without");
  }

  @Test
  void shouldResumeFromCheckpointOfFailedJob() throws Exception {
    List<String> good = images.draw(MANY);
    BulkCaptioningOptions options =
        results.options(images.path().toString(), "--parallelism=2", "--no-gallery");
    assertThatThrownBy(() -> run(failing(environment(0), options, 20), options))
        .hasStackTraceContaining("Injected failure");
    int before = results.captions().size();
    images.draw("later.jpg", 1000);

    StreamExecutionEnvironment env = environment(0);
    Configuration recovery = new Configuration();
    recovery.set(StateRecoveryOptions.SAVEPOINT_PATH, lastCheckpoint());
    env.configure(recovery);
    BulkCaptioningJob.requireRightOutput(env, options);
    run(failing(env, options, Integer.MAX_VALUE), options);

    assertThat(before).isBetween(1, MANY - 1);
    assertThat(CaptioningTestRun.ids(results.captions()))
        .as("each of the images that were there when the job began, once")
        .containsExactlyInAnyOrderElementsOf(good);
  }

  @Test
  void shouldReadFromAnotherFileSystem() throws Exception {
    images.draw(5);

    run(results.options("store://bucket" + images.path()));

    assertThat(results.deadLetters()).isEmpty();
    assertThat(CaptioningTestRun.byId(results.captions(), "image"))
        .hasSize(5)
        .containsEntry("000/00001.jpg", "store://bucket" + images.path() + "/000/00001.jpg");
  }

  @Test
  void shouldWriteResultsToTopicsAsWell() throws Exception {
    images.draw(10);
    images.addBad(folder.resolve("outside"));
    try (LocalBroker broker = LocalBroker.start()) {
      broker.createTopics(1, "captions", "caption-dead-letters");
      run(
          results.options(
              images.path().toString(), "--bootstrap-servers=" + broker.bootstrapServers()));

      Properties client = broker.clientProperties();
      assertThat(values(Topic.readCommitted(client, "captions")))
          .containsExactlyInAnyOrderElementsOf(texts(results.captions()));
      assertThat(values(Topic.readCommitted(client, "caption-dead-letters")))
          .containsExactlyInAnyOrderElementsOf(texts(results.deadLetters()));
    }
  }

  @Test
  void shouldGoOnWhereAnEarlierRunStopped() throws Exception {
    images.draw(10);
    run(results.options(images.path().toString()));
    Map<String, String> first = CaptioningTestRun.byId(results.captions(), "caption");
    List<String> all = images.draw(25);

    BulkCaptioningOptions again = results.options(images.path().toString());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BulkCaptioningJob.requireRightOutput(environment(0), again))
        .withMessageContaining("--skip-existing");
    String screen = run(results.options(images.path().toString(), "--skip-existing"));

    assertThat(screen).contains("15 captions, 0 without one, 10 skipped");
    assertThat(CaptioningTestRun.ids(results.captions())).containsExactlyInAnyOrderElementsOf(all);
    assertThat(CaptioningTestRun.byId(results.captions(), "caption")).containsAllEntriesOf(first);
  }

  @Test
  void shouldReadManifestOfJsonLines() throws Exception {
    images.draw(3);
    Path outside = Files.createDirectories(folder.resolve("outside"));
    ImageFolder.at(outside).draw("secret.jpg", 1);
    Path manifest =
        Files.write(
            images.path().resolve("list.jsonl"),
            List.of(
                "{\"image\":\"000/00000.png\"}",
                "{\"image\":\"%s/000/00001.jpg\",\"id\":\"second\"}".formatted(images.path()),
                "",
                "{\"image\":\"000/00002.jpg\",\"id\":3,\"prompt\":\"Is it red? <image>\"}",
                "not JSON",
                "{\"id\":\"nothing\"}",
                "{\"image\":[]}",
                "{\"image\":\"../outside/secret.jpg\",\"id\":\"up\"}",
                "{\"image\":\"/etc/hostname\",\"id\":\"absolute\"}",
                "{\"image\":\"https://example.com/a.jpg\",\"id\":\"url\"}",
                "{\"image\":\"000/none.jpg\",\"id\":\"missing\"}"),
            UTF_8);

    run(results.options(manifest.toString(), "--no-thumbnails"));

    assertThat(CaptioningTestRun.ids(results.captions()))
        .containsExactlyInAnyOrder("000/00000.png", "second", "3");
    assertThat(results.captions()).noneMatch(caption -> caption.has("thumbnail"));
    assertThat(CaptioningTestRun.byId(results.deadLetters(), "kind"))
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    "list.jsonl:5", "MALFORMED",
                    "nothing", "MISSING_FIELD",
                    "list.jsonl:7", "MALFORMED",
                    "up", "FORBIDDEN_REFERENCE",
                    "absolute", "FORBIDDEN_REFERENCE",
                    "url", "FORBIDDEN_REFERENCE",
                    "missing", "FETCH_FAILED")));
  }

  @Test
  void shouldReadAndWriteParquet() throws Exception {
    images.draw(30);
    run(results.options(images.path().toString(), "--format=parquet"));

    assertThat(CaptioningTestRun.ids(results.captions())).hasSize(30).doesNotHaveDuplicates();
    try (var parts = Files.list(results.output().resolve("captions"))) {
      assertThat(parts).allMatch(part -> part.toString().endsWith(".parquet"));
    }
    // The captions of that run have the columns of a manifest: id and image.
    CaptioningTestRun again = new CaptioningTestRun(folder.resolve("again"));
    run(
        again.options(
            results.output() + "/captions/*.parquet",
            "--root=" + images.path(),
            "--parallelism=1"));

    assertThat(CaptioningTestRun.byId(again.captions(), "image"))
        .isEqualTo(CaptioningTestRun.byId(results.captions(), "image"));
    assertThat(again.deadLetters()).isEmpty();
  }

  @Test
  void shouldTakeGlob() throws Exception {
    images.draw(10);

    run(results.options(images.path() + "/**/*.png"));

    assertThat(results.deadLetters()).isEmpty();
    assertThat(CaptioningTestRun.ids(results.captions()))
        .containsExactlyInAnyOrder(
            "000/00000.png", "000/00003.png", "000/00006.png", "000/00009.png");
  }

  @Test
  void shouldFailAtOnceWhenThereIsNothingToCaption() {
    assertThatThrownBy(() -> run(results.options(images.path().toString())))
        .hasStackTraceContaining("There are no files to caption in " + images.path());
  }

  @Test
  void shouldCaptionAlikeOneAtATime() throws Exception {
    images.draw(20);
    run(results.options(images.path().toString(), "--parallelism=2"));
    CaptioningTestRun single = new CaptioningTestRun(folder.resolve("single"));
    run(
        single.options(
            images.path().toString(),
            "--parallelism=1",
            "--option=executorch.async.capacity=1",
            "--option=executorch.engine.max-sequences=1"));

    assertThat(single.captions()).hasSize(20);
    assertThat(CaptioningTestRun.byId(single.captions(), "caption"))
        .isEqualTo(CaptioningTestRun.byId(results.captions(), "caption"));
  }

  /** The job, with a task that fails after so many records, once there are captions. */
  private static StreamExecutionEnvironment failing(
      StreamExecutionEnvironment env, BulkCaptioningOptions options, int records) {
    JobDefaults.apply(env, options.output().folder().checkpoints());
    env.enableCheckpointing(options.checkpointInterval().toMillis());
    env.setParallelism(PARALLELISM);
    CaptionOutput output = options.output();
    DataStream<InferenceRequest> requests =
        BulkCaptioningJob.images(BulkCaptioningJob.read(env, options), options.inference())
            .map(new FailOnce<>(records, () -> hasCaptions(output)))
            .uid("fail-once");
    BulkCaptioningJob.write(BulkCaptioningJob.caption(requests, options.inference()), options);
    return env;
  }

  private static boolean hasCaptions(CaptionOutput output) {
    try (Stream<String> captions = output.captionLines()) {
      return captions.findAny().isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String lastCheckpoint() throws IOException {
    return Checkpoints.latest(results.output().resolve("checkpoints")).orElseThrow();
  }

  private static List<String> values(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream().map(record -> new String(record.value(), UTF_8)).toList();
  }

  private static List<String> texts(List<JsonNode> records) {
    return records.stream().map(JsonNode::toString).toList();
  }

  private static String run(BulkCaptioningOptions options) throws Exception {
    StreamExecutionEnvironment env = environment(0);
    BulkCaptioningJob.define(env, options);
    return run(env, options);
  }

  private static String run(StreamExecutionEnvironment env, BulkCaptioningOptions options)
      throws Exception {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    BulkCaptioningJob.run(env, options, new PrintStream(screen, true, UTF_8), false);
    return screen.toString(UTF_8);
  }

  private static StreamExecutionEnvironment environment(int restarts) {
    Configuration configuration = new Configuration();
    configuration.set(DeploymentOptions.ATTACHED, true);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY, restarts == 0 ? "none" : "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts);
    return StreamExecutionEnvironment.getExecutionEnvironment(configuration);
  }
}
