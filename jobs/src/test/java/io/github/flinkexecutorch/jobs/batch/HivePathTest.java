package io.github.flinkexecutorch.jobs.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HivePathTest {

  @ParameterizedTest
  @CsvSource({
    "en, language=en",
    "'', language=__HIVE_DEFAULT_PARTITION__",
    ", language=__HIVE_DEFAULT_PARTITION__",
    "a/b, language=a%2Fb",
    "../../etc, language=..%2F..%2Fetc",
    ".., language=.%2E",
    "a=b:c%, language=a%3Db%3Ac%25",
    "'a b ', language=a b%20",
    "日本, language=日本",
    "__HIVE_DEFAULT_PARTITION__, language=%5F_HIVE_DEFAULT_PARTITION__"
  })
  void shouldNameAFolderThatLiesBelow(String value, String folder) {
    assertThat(HivePath.of("language", value)).isEqualTo(folder);
  }

  @Test
  void shouldNeverNameTwoValuesAlikeNorTooLong() {
    List<String> values =
        Stream.of("a", "a ", "a.", "a/", "a%2F", "A", "\u0000", "\ud800", "\udc00", "\ud83d\ude00")
            .flatMap(value -> Stream.of(value, value.repeat(50), value.repeat(500) + "x"))
            .distinct()
            .toList();
    Set<String> folders = new HashSet<>();
    for (String value : values) {
      String folder = HivePath.of("key", value);
      assertThat(folders.add(folder)).as(folder).isTrue();
      assertThat(folder.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(255);
      assertThat(new Path(new Path("/out"), folder).getParent()).isEqualTo(new Path("/out"));
      assertThat(new Path(new Path("/out"), folder).getName()).isEqualTo(folder);
    }
  }
}
