package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.llm.FinishReason;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitioningTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":\"x\",\"b\":{\"c\":5}} | a=x/b.c=5",
        "{\"b\":{\"c\":true}}          | a=__HIVE_DEFAULT_PARTITION__/b.c=true",
        "{\"a\":null,\"b\":{\"c\":[]}} | a=__HIVE_DEFAULT_PARTITION__/b.c=__HIVE_DEFAULT_PARTITION__",
        "no JSON                       | a=__HIVE_DEFAULT_PARTITION__/b.c=__HIVE_DEFAULT_PARTITION__"
      })
  void shouldNameFoldersOfFieldsInTheirOrder(String record, String folders) {
    Partitioning partitioning = new Partitioning(List.of("a", "b.c"), 0);
    RecordOrigin origin =
        new RecordOrigin("f.jsonl", -1, 7, -1, null, record.getBytes(UTF_8), null);

    RecordOrigin partitioned = partitioning.apply(origin);

    assertThat(partitioned.position()).isEqualTo("f.jsonl:7");
    assertThat(partitioned.value()).isSameAs(origin.value());
    assertThat(partitioning.getBucketId(completion("1", partitioned.key()), null))
        .isEqualTo(folders);
  }

  @Test
  void shouldSpreadIdsEvenlyAndAlwaysAlike() {
    Partitioning partitioning = new Partitioning(List.of(), 16);

    Map<String, Long> counts =
        IntStream.range(0, 16_000)
            .mapToObj(i -> partitioning.getBucketId(completion("T-%05d".formatted(i), null), null))
            .collect(Collectors.groupingBy(shard -> shard, Collectors.counting()));

    assertThat(counts).hasSize(16).containsKeys("shard=0000", "shard=0015");
    assertThat(counts.values()).allMatch(count -> count > 500 && count < 2000);
    assertThat(partitioning.getBucketId(completion("T-00042", null), null))
        .isEqualTo(new Partitioning(List.of(), 16).getBucketId(completion("T-00042", null), null));
  }

  @Test
  void shouldWriteIntoTheFolderItselfUnlessAsked() {
    assertThat(new Partitioning(List.of(), 0).getBucketId(completion("1", null), null)).isEmpty();
  }

  private static Completion completion(String id, byte[] key) {
    return new Completion(id, key, "text", FinishReason.STOP, 1, 1, "digest");
  }
}
