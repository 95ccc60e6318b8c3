package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.ContextOverflow;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Savepoints of earlier versions, one for each release and one that commit 65c4e76 wrote, when
 * requests and overrides had fewer components: what was in flight there is completed by today's
 * job. A change that makes one of them unreadable loses records of whoever updates. With {@code
 * -Dsavepoint.write=true} the one of this version is made anew: only before its release.
 */
class SavepointITCase {
  private static final Path SAVEPOINTS = Path.of("src/test/resources/savepoints");
  private static final Path CHAT_TEMPLATE = SAVEPOINTS.resolve("chat.jinja");
  private static final String THIS_VERSION = "0.1.0";
  private static final boolean WRITE = Boolean.getBoolean("savepoint.write");

  /** Puts small states into the one file of a savepoint, which may then lie anywhere. */
  private static final Configuration IN_ONE_FILE =
      new Configuration()
          .set(CheckpointingOptions.FS_SMALL_FILE_THRESHOLD, MemorySize.parse("1mb"))
          .set(CheckpointingOptions.FILE_MERGING_ENABLED, false);

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2, IN_ONE_FILE);

  private static volatile FakeEngine held;

  @TempDir private Path folder;

  static Stream<Path> savepoints() throws IOException {
    if (WRITE) {
      Files.createDirectories(SAVEPOINTS.resolve(THIS_VERSION));
    }
    try (Stream<Path> versions = Files.list(SAVEPOINTS)) {
      return versions.filter(Files::isDirectory).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("savepoints")
  void shouldCompleteWhatAnEarlierVersionHadInFlight(Path savepoint) throws Exception {
    if (WRITE && savepoint.endsWith(THIS_VERSION)) {
      write(savepoint);
    }
    StreamExecutionEnvironment env = from(savepoint);
    InferenceStreams out =
        LlmInference.builder()
            .options(options())
            .build()
            .apply(RequestsInFlight.afterTheSavepoint(env));

    requireAll(out, savepoint, "shouldCompleteWhatAnEarlierVersionHadInFlight");
  }

  @ParameterizedTest
  @MethodSource("savepoints")
  void shouldFindNothingInTheComponentsThatAnEarlierVersionLacks(Path savepoint) throws Exception {
    var requests =
        AsyncDataStream.orderedWait(
                RequestsInFlight.afterTheSavepoint(from(savepoint)),
                new Restored(),
                0,
                TimeUnit.MILLISECONDS)
            .uid("llm-inference");
    var restored = requests.collectAsync();
    requests.getExecutionEnvironment().execute();

    assertThat(byId(Pictures.all(restored), InferenceRequest::id))
        .usingRecursiveComparison()
        .isEqualTo(byId(RequestsInFlight.in(savepoint), InferenceRequest::id));
  }

  /** Otherwise nothing above would show that the schema may grow. */
  @Test
  void shouldHaveASavepointOfRequestsWithFewerComponents() throws IOException {
    String metadata =
        Files.readString(SAVEPOINTS.resolve("before-chats/_metadata"), StandardCharsets.ISO_8859_1);

    assertThat(metadata)
        .contains(InferenceRequest.class.getName(), RequestOverrides.class.getName(), "rejection")
        .doesNotContain(RequestMessage.class.getName(), "messages", "stopTokenIds", "grammarType");
  }

  @ParameterizedTest
  @MethodSource("savepoints")
  void shouldGoOnWithASecondModel(Path savepoint) throws Exception {
    Configuration smallOptions = options();
    Configuration largeOptions = Tickets.options();
    DataStream<InferenceRequest> requests = RequestsInFlight.afterTheSavepoint(from(savepoint));
    // routing {
    InferenceStreams out =
        LlmRouting.builder()
            .model("small", smallOptions)
            .model("large", largeOptions)
            .build()
            .apply(requests);
    // }

    requireAll(out, savepoint, "shouldGoOnWithASecondModel");
  }

  private static StreamExecutionEnvironment from(Path savepoint) {
    StreamExecutionEnvironment env = TestCluster.environment(2, 0);
    env.configure(
        new Configuration()
            .set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint.toAbsolutePath().toString()));
    return env;
  }

  /** Runs the job, which is to complete what was in flight. */
  private static void requireAll(InferenceStreams out, Path savepoint, String test)
      throws Exception {
    var completed = out.completions().collectAsync();
    var failed = out.failures().collectAsync();
    out.completions().getExecutionEnvironment().execute();
    List<Completion> completions = Pictures.all(completed);
    List<Failure> failures = Pictures.all(failed);
    FaultReport.row(41, "SavepointITCase#" + test + " from " + savepoint.getFileName())
        .records(
            ids(RequestsInFlight.in(savepoint), InferenceRequest::id),
            ids(completions, Completion::id),
            ids(failures, Failure::id))
        .write();

    assertThat(byId(completions, Completion::id))
        .usingRecursiveComparison()
        .isEqualTo(byId(undisturbed(savepoint), Completion::id));
    Map<String, Failure> dead = byId(failures, Failure::id);
    assertThat(dead).containsOnlyKeys("bad", "image");
    assertThat(dead.get("image").kind()).isEqualTo(FailureKind.UNSUPPORTED_INPUT);
    Failure bad = dead.get("bad");
    Rejection rejection = RequestsInFlight.REJECTION;
    assertThat(new Rejection(bad.kind(), bad.stage(), bad.message(), bad.exceptionClass()))
        .isEqualTo(rejection);
    assertThat(bad.origin()).usingRecursiveComparison().isEqualTo(RequestsInFlight.ORIGIN);
  }

  private void write(Path target) throws Exception {
    held = FakeEngine.holding();
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    env.configure(IN_ONE_FILE);
    LlmInference.builder()
        .options(options())
        .engines(name -> CompletableFuture.completedFuture(held))
        .build()
        .apply(RequestsInFlight.beforeTheSavepoint(env))
        .completions()
        .sinkTo(new DiscardingSink<>());
    JobClient job = env.executeAsync();
    await().until(() -> held.inFlight() == RequestsInFlight.GOOD);

    String savepoint =
        job.stopWithSavepoint(false, folder.toString(), SavepointFormatType.CANONICAL).get();

    Path metadata = Path.of(URI.create(savepoint)).resolve("_metadata");
    try (Stream<Path> files = Files.list(metadata.getParent())) {
      assertThat(files).containsExactly(metadata); // which may lie anywhere
    }
    Files.copy(metadata, target.resolve("_metadata"), StandardCopyOption.REPLACE_EXISTING);
  }

  private static Configuration options() {
    return Tickets.batchedOptions()
        .set(ExecuTorchOptions.CHAT_TEMPLATE, CHAT_TEMPLATE.toString())
        .set(ExecuTorchOptions.CONTEXT_OVERFLOW, ContextOverflow.TRUNCATE_MIDDLE)
        .set(ExecuTorchOptions.MAX_NEW_TOKENS, 24);
  }

  /** The same requests, never interrupted. */
  private static List<Completion> undisturbed(Path savepoint) throws Exception {
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    DataStream<InferenceRequest> requests =
        env.fromData(RequestsInFlight.in(savepoint), TypeInformation.of(InferenceRequest.class));
    var completed =
        LlmInference.builder()
            .options(options())
            .build()
            .apply(requests)
            .completions()
            .collectAsync();
    env.execute();
    return Pictures.all(completed);
  }

  private static <T> List<String> ids(List<T> records, Function<T, String> id) {
    return records.stream().map(id).toList();
  }

  private static <T> Map<String, T> byId(List<T> records, Function<T, String> id) {
    return records.stream().collect(toMap(id, Function.identity())); // throws on a duplicate
  }

  /** In the place of our function: the requests as they come out of the state. */
  private static final class Restored implements AsyncFunction<InferenceRequest, InferenceRequest> {
    private static final long serialVersionUID = 1L;

    @Override
    public void asyncInvoke(InferenceRequest request, ResultFuture<InferenceRequest> result) {
      result.complete(List.of(request));
    }
  }
}
