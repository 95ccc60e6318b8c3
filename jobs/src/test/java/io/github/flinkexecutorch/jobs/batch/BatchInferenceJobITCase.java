package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.jobs.Checkpoints;
import io.github.flinkexecutorch.jobs.TestCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The job over files, with a mini cluster and the sample model. */
class BatchInferenceJobITCase {

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(2);

  @TempDir private Path folder;

  private Path input;
  private BatchFiles files;
  private BatchTestRun results;

  @BeforeEach
  void makeFolder() throws IOException {
    input = Files.createDirectories(folder.resolve("input"));
    files = new BatchFiles(input);
    results = new BatchTestRun(folder.resolve("output"));
  }

  @Test
  void shouldCompleteRecordsOfAFolderAndSayWhatTheyCost() throws Exception {
    List<String> ids = files.write(5, 20);

    String screen = BatchTestRun.run(results.options(input, "--parallelism=2"));

    assertThat(BatchTestRun.ids(results.completions())).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(results.deadLetters()).isEmpty();
    assertThat(results.completions())
        .allSatisfy(
            completion -> {
              assertThat(completion.get("completion").asText()).startsWith("{\"category\"");
              assertThat(completion.get("finish_reason").asText()).isEqualTo("length");
              assertThat(completion.get("generated_tokens").asInt()).isEqualTo(8);
              assertThat(completion.get("model_digest").asText()).matches("[0-9a-f]{64}");
            });
    JsonNode report = results.report();
    assertThat(report.get("records").asLong()).isEqualTo(100);
    assertThat(report.get("completions").asLong()).isEqualTo(100);
    assertThat(report.get("generatedTokens").asLong()).isEqualTo(800);
    assertThat(report.get("promptTokens").asLong())
        .isEqualTo(
            results.completions().stream().mapToLong(c -> c.get("prompt_tokens").asLong()).sum());
    assertThat(report.get("wallSeconds").asDouble()).isPositive();
    assertThat(report.get("coreHours").get("used").asDouble()).isPositive();
    assertThat(report.get("coreHours").get("held").asDouble()).isPositive();
    assertThat(screen).contains("Core-hours", "per million tokens", "report.json");
    Checkpoints.requireNone(results.output().resolve("checkpoints"));
  }

  @Test
  void shouldKeepWhatCannotBeCompletedAsItWas() throws Exception {
    String tooLong = "{\"id\":\"long\",\"message\":\"%s\"}".formatted("x".repeat(20_000));
    List<String> lines =
        List.of(
            BatchFiles.record("good", 1),
            "not JSON",
            "{\"id\":\"missing\"}",
            "{\"id\":\"empty\",\"message\":\"  \"}",
            "{\"id\":\"twice\",\"message\":\"a\",\"message\":\"b\"}",
            "{\"id\":\"hot\",\"message\":\"a\",\"options\":{\"temperature\":-1}}",
            tooLong,
            "{\"id\":\"overflow\",\"message\":\"%s\"}".formatted("word ".repeat(1000)),
            "{\"message\":\"no id\"}",
            "{\"id\":\"ä\",\"message\":\"last\"}");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write((String.join("\n", lines) + "\n").getBytes(UTF_8));
    int noText = bytes.size();
    bytes.write(new byte[] {'{', (byte) 0xff, '}', '\n'});
    Files.write(input.resolve("a.jsonl"), bytes.toByteArray());

    String screen =
        BatchTestRun.run(results.options(input, "--option=executorch.request.max-size=10 kb"));

    String noId = "a.jsonl:" + offset(lines, 8);
    assertThat(BatchTestRun.ids(results.completions()))
        .containsExactlyInAnyOrder("good", noId, "ä");
    List<JsonNode> letters = results.deadLetters();
    assertThat(letters).hasSize(8);
    Map<String, String> kinds =
        new TreeMap<>(
            Map.of(
                "a.jsonl:" + offset(lines, 1),
                "MALFORMED",
                "missing",
                "MISSING_FIELD",
                "empty",
                "EMPTY_PROMPT",
                "a.jsonl:" + offset(lines, 4),
                "MALFORMED",
                "hot",
                "INVALID_PARAMETER",
                "a.jsonl:" + offset(lines, 6),
                "TOO_LARGE",
                "overflow",
                "CONTEXT_OVERFLOW",
                "a.jsonl:" + noText,
                "MALFORMED"));
    assertThat(BatchTestRun.byId(letters, "kind")).isEqualTo(kinds);
    Map<String, JsonNode> byOffset = new TreeMap<>();
    letters.forEach(letter -> byOffset.put(letter.get("offset").asText(), letter));
    for (int i = 1; i < 8; i++) {
      JsonNode letter = byOffset.get(Integer.toString(offset(lines, i)));
      assertThat(letter.get("file").asText()).isEqualTo("a.jsonl");
      if (i == 6) {
        assertThat(letter.has("record")).isFalse();
        assertThat(letter.get("message").asText())
            .contains(Integer.toString(tooLong.length() + 1), "executorch.request.max-size");
      } else {
        assertThat(letter.get("record").asText()).isEqualTo(lines.get(i));
      }
    }
    assertThat(byOffset.get(Integer.toString(noText)).get("record_base64").binaryValue())
        .isEqualTo(new byte[] {'{', (byte) 0xff, '}'});
    assertThat(screen).containsPattern("dead letters +8").containsPattern("MALFORMED +3");
    assertThat(results.report().get("failures").get("TOO_LARGE").asInt()).isEqualTo(1);
  }

  @Test
  void shouldPartitionByFieldAndShard() throws Exception {
    List<String> ids = files.write(2, 30);
    Files.writeString(input.resolve("z.jsonl"), "{\"id\":\"z\",\"message\":\"no language\"}\n");

    BatchTestRun.run(results.options(input, "--partition-by=lang", "--shards=2"));

    assertThat(BatchTestRun.ids(results.completions()))
        .hasSize(ids.size() + 1)
        .doesNotHaveDuplicates();
    Set<String> partitions = results.partitions();
    assertThat(partitions)
        .contains("lang=en/shard=0000/", "lang=en/shard=0001/", "lang=fr%2Fca/shard=0000/")
        .anyMatch(partition -> partition.startsWith("lang=__HIVE_DEFAULT_PARTITION__/shard="))
        .hasSize(7);
    try (var parts = Files.walk(results.output().resolve("completions/lang=de"))) {
      for (Path part : parts.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readAllLines(part))
            .allMatch(line -> Integer.parseInt(line.substring(9, 13)) % 3 == 1);
      }
    }
  }

  @Test
  void shouldReadAndWriteParquetAndCompressedLines() throws Exception {
    List<String> ids = files.write(2, 10);
    Path packed = input.resolve("packed.jsonl.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write((BatchFiles.record("packed", 5) + "\n").getBytes(UTF_8));
    }
    BatchTestRun.run(results.options(input, "--format=parquet"));
    assertThat(BatchTestRun.ids(results.completions()))
        .hasSize(ids.size() + 1)
        .containsAll(ids)
        .contains("packed");

    // The completions of that run are records as well: what it wrote is the next prompt.
    BatchTestRun again = new BatchTestRun(folder.resolve("again"));
    BatchTestRun.run(
        again.options(
            results.output() + "/completions/*.parquet",
            "--prompt-template={{completion}} {{prompt_tokens}}",
            "--skip-existing"));

    assertThat(BatchTestRun.ids(again.completions()))
        .containsExactlyInAnyOrderElementsOf(BatchTestRun.ids(results.completions()));
    assertThat(again.deadLetters()).isEmpty();
  }

  @Test
  void shouldReadFromAnotherFileSystem() throws Exception {
    files.write(1, 3);
    Files.writeString(input.resolve("00/b.jsonl"), "?");

    BatchTestRun.run(results.options("store://bucket" + input));

    assertThat(results.completions()).hasSize(3);
    assertThat(BatchTestRun.ids(results.deadLetters())).containsExactly("00/b.jsonl:0");
  }

  @Test
  void shouldGoOnWhereAnEarlierRunStopped() throws Exception {
    files.write(1, 10);
    Path weights = results.output().resolve("checkpoints/epoch-1/weights.bin");
    Files.createDirectories(weights.getParent());
    Files.writeString(weights, "not of this job");
    BatchTestRun.run(results.options(input));
    Map<String, String> first = BatchTestRun.byId(results.completions(), "completion");
    List<String> all = files.write(3, 10);

    BatchInferenceOptions again = results.options(input);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchInferenceJob.requireRightOutput(BatchTestRun.environment(0), again))
        .withMessageContaining("--skip-existing");
    String screen = BatchTestRun.run(results.options(input, "--skip-existing", "--parallelism=2"));

    assertThat(screen).containsPattern("completions +20").containsPattern("skipped +10");
    assertThat(BatchTestRun.ids(results.completions())).containsExactlyInAnyOrderElementsOf(all);
    assertThat(BatchTestRun.byId(results.completions(), "completion")).containsAllEntriesOf(first);
    assertThat(weights).hasContent("not of this job");
  }

  @Test
  void shouldFailWhenThereIsNothingToComplete() {
    assertThatThrownBy(() -> BatchTestRun.run(results.options(input)))
        .hasStackTraceContaining("There are no files with records in " + input);
  }

  /** Where a line begins. */
  private static int offset(List<String> lines, int index) {
    return lines.subList(0, index).stream().mapToInt(line -> line.getBytes(UTF_8).length + 1).sum();
  }
}
