package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What stands before the engine, in a cluster with the sample models. */
class ServingITCase {
  private static final int TICKETS = 40;
  private static final MemorySize OFF_HEAP = MemorySize.ofMebiBytes(3);

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER =
      TestCluster.withSlots(
          1, new Configuration().set(TaskManagerOptions.TASK_OFF_HEAP_MEMORY, OFF_HEAP));

  @TempDir private Path folder;

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldAnswerFromTheCacheWhatGenerationGives() throws Exception {
    List<RecordOrigin> twice = new ArrayList<>();
    for (String suffix : List.of("", "-again")) {
      Tickets.messages(TICKETS)
          .forEach((id, message) -> twice.add(record(twice.size(), id + suffix, message, null)));
    }
    Configuration cached =
        Tickets.batchedOptions()
            .set(ExecuTorchOptions.CACHE_MAX_BYTES, MemorySize.ofMebiBytes(4))
            .set(ExecuTorchOptions.WARM_UP, List.of(1, 32));

    Result generated = run(Tickets.inference(environment(), Tickets.batchedOptions(), twice));
    Result answered = run(Tickets.inference(environment(), cached, twice));

    assertThat(answered.completions())
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactlyInAnyOrderElementsOf(generated.completions());
    assertThat(generated.stats()).noneMatch(StatsReport::cached);
    Set<String> different = new HashSet<>(Tickets.messages(TICKETS).values());
    assertThat(answered.stats().stream().filter(StatsReport::cached))
        .hasSize(twice.size() - different.size());
  }

  @Test
  void shouldWriteTheSameBitsWhenEveryFirstTryFailed() throws Exception {
    Configuration options = Tickets.batchedOptions().set(ExecuTorchOptions.TEMPERATURE, 0.7f);
    List<RecordOrigin> records = Tickets.records(TICKETS);
    Result undisturbed = run(Tickets.inference(environment(), options, records));
    StreamExecutionEnvironment env = environment();
    InferenceStreams disturbed =
        LlmInference.builder()
            .options(options)
            .engines(new FirstTryFails(options))
            .build()
            .apply(
                env.fromData(records, TypeInformation.of(RecordOrigin.class))
                    .process(new RequestParser(options)));

    Result result = run(disturbed);

    assertThat(result.failures()).isEmpty();
    assertThat(result.completions())
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactlyInAnyOrderElementsOf(undisturbed.completions());
  }

  @Test
  void shouldRouteEachRecordToTheModelThatItNames() throws Exception {
    Configuration batched = Tickets.batchedOptions().set(ExecuTorchOptions.MODEL_FIELD, "model");
    Map<String, String> messages = Tickets.messages(TICKETS);
    List<RecordOrigin> records = new ArrayList<>();
    messages.forEach(
        (id, message) -> {
          records.add(record(records.size(), id + "/none", message, null));
          records.add(record(records.size(), id + "/batched", message, "batched"));
          records.add(record(records.size(), id + "/standard", message, "standard"));
          records.add(record(records.size(), id + "/other", message, "other"));
        });
    StreamExecutionEnvironment env = environment();

    Result result =
        run(
            LlmRouting.builder()
                .model("batched", batched)
                .model("standard", Tickets.options())
                .build()
                .apply(
                    env.fromData(records, TypeInformation.of(RecordOrigin.class))
                        .process(new RequestParser(batched))));

    Map<String, String> digests =
        result.completions().stream().collect(toMap(Completion::id, Completion::modelDigest));
    assertThat(digests).hasSize(3 * TICKETS);
    for (String id : messages.keySet()) {
      assertThat(digests.get(id + "/none")).isEqualTo(digests.get(id + "/batched"));
      assertThat(digests.get(id + "/standard")).isNotEqualTo(digests.get(id + "/batched"));
    }
    assertThat(Set.copyOf(digests.values())).hasSize(2);
    assertThat(result.failures()).hasSize(TICKETS);
    assertThat(result.failures())
        .allSatisfy(
            failure -> {
              assertThat(failure.kind()).isEqualTo(FailureKind.UNKNOWN_MODEL);
              assertThat(failure.id()).endsWith("/other");
              assertThat(failure.message()).contains("[batched, standard]").doesNotContain("other");
              assertThat(failure.origin().value()).isNotEmpty();
            });
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void shouldTakeTheNextVersionAfterACheckpointAndSkipNoRecord() throws Exception {
    Path pointer = folder.resolve("current");
    version("v1", Tickets.MODEL);
    version("v2", Tickets.BATCHED_MODEL);
    Files.writeString(pointer, "v1\n");
    Configuration options =
        Tickets.options()
            .set(ExecuTorchOptions.MODEL_PATH, folder + "/{version}/model.pte")
            .set(ExecuTorchOptions.TOKENIZER_PATH, folder + "/{version}")
            .set(ExecuTorchOptions.MODEL_VERSION_FILE, pointer.toString())
            .set(ExecuTorchOptions.MAX_NEW_TOKENS, 4)
            .set(ExecuTorchOptions.CAPACITY, 4);
    StreamExecutionEnvironment env = environment();
    env.enableCheckpointing(20);
    var completed =
        LlmInference.builder()
            .options(options)
            .build()
            .apply(
                env.fromSequence(1, Long.MAX_VALUE)
                    .map(n -> InferenceRequest.of(Long.toString(n), "Ticket: my kettle " + n))
                    .returns(InferenceRequest.class))
            .completions()
            .collectAsync();
    JobClient job = env.executeAsync();

    long read = 0;
    Completion completion = completed.next();
    assertThat(completion.modelVersion()).isEqualTo("v1");
    String digest = completion.modelDigest();
    Files.writeString(folder.resolve("next"), "v2");
    Files.move(folder.resolve("next"), pointer, StandardCopyOption.REPLACE_EXISTING);
    while (completion.modelVersion().equals("v1")) {
      read++;
      assertThat(completion.id()).isEqualTo(Long.toString(read));
      assertThat(completion.modelDigest()).isEqualTo(digest);
      completion = completed.next();
    }

    assertThat(completion.id()).isEqualTo(Long.toString(read + 1));
    assertThat(completion.modelVersion()).isEqualTo("v2");
    assertThat(completion.modelDigest()).isNotEqualTo(digest);
    job.cancel().get();
    completed.close();
  }

  @Test
  void shouldFailAtTheStartWithTheNumberToSetWhenOffHeapMemoryIsTooSmall() {
    Configuration options =
        Tickets.batchedOptions().set(ExecuTorchOptions.MEMORY_CHECK, MemoryCheck.FAIL);
    StreamExecutionEnvironment env = environment();
    Tickets.inference(env, options, Tickets.records(1))
        .completions()
        .sinkTo(new DiscardingSink<>());

    assertThatThrownBy(env::execute)
        .hasStackTraceContaining("taskmanager.memory.task.off-heap.size is 3 MiB. Set that to ");
  }

  private static StreamExecutionEnvironment environment() {
    return TestCluster.environment(1, 3);
  }

  private void version(String name, Path model) throws Exception {
    Path version = Files.createDirectory(folder.resolve(name));
    Files.copy(model, version.resolve("model.pte"));
    for (String file :
        List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")) {
      Files.copy(Tickets.FOLDER.resolve(file), version.resolve(file));
    }
  }

  private static RecordOrigin record(int offset, String id, String message, String model) {
    return Tickets.record(
        offset,
        new ObjectMapper()
            .createObjectNode()
            .put("id", id)
            .put("message", message)
            .put("model", model)
            .toString());
  }

  private static Result run(InferenceStreams out) throws Exception {
    var completions = out.completions().collectAsync();
    var stats = out.stats().collectAsync();
    var failures = out.failures().collectAsync();
    Result result = new Result(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    out.completions().getExecutionEnvironment().execute();
    completions.forEachRemaining(result.completions()::add);
    stats.forEachRemaining(result.stats()::add);
    failures.forEachRemaining(result.failures()::add);
    return result;
  }

  private record Result(
      List<Completion> completions, List<StatsReport> stats, List<Failure> failures) {}
}
