package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.JsonBytes;
import io.github.flinkexecutorch.jobs.files.Counts;
import io.github.flinkexecutorch.jobs.files.JobRun;
import io.github.flinkexecutorch.jobs.files.ProcessUse;
import io.github.flinkexecutorch.jobs.files.Tally;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;

class CostReportTest {
  private static final JobID JOB = new JobID(1, 2);
  private static final long HOUR_MS = 3_600_000;

  private final Map<String, Object> accumulators =
      new HashMap<>(
          Map.of(
              Tally.COMPLETED,
              1000L,
              Tally.DEAD_LETTERS + "MALFORMED",
              3L,
              Tally.DEAD_LETTERS + "TIMEOUT",
              2L,
              Tally.PROMPT_TOKENS,
              3_000_000L,
              Tally.CACHED_PROMPT_TOKENS,
              500_000L,
              Tally.GENERATED_TOKENS,
              1_000_000L,
              ProcessUse.HELD + "a",
              2 * HOUR_MS,
              ProcessUse.HELD + "b",
              2 * HOUR_MS,
              ProcessUse.WALL + JOB,
              HOUR_MS));

  @Test
  void shouldAddUpWhatProcessesTook() throws IOException {
    accumulators.put(ProcessUse.USED + "a", HOUR_MS);
    accumulators.put(ProcessUse.USED + "b", HOUR_MS / 2);

    JsonNode report = new ObjectMapper().readTree(JsonBytes.of(report(3600)));

    assertThat(report.get("records").asLong()).isEqualTo(1005);
    assertThat(report.get("completions").asLong()).isEqualTo(1000);
    assertThat(report.get("failures").get("TIMEOUT").asLong()).isEqualTo(2);
    assertThat(report.get("wallSeconds").asDouble()).isEqualTo(3600);
    assertThat(report.get("tokensPerSecond").asDouble()).isEqualTo(1_000_000 / 3600.0);
    assertThat(report.get("coreHours").toString()).isEqualTo("{\"used\":1.5,\"held\":4.0}");
    assertThat(report.get("coreHoursPerMillionTokens").toString())
        .isEqualTo("{\"used\":0.375,\"held\":1.0}");
    assertThat(report.get("coreHoursPerMillionGeneratedTokens").toString())
        .isEqualTo("{\"used\":1.5,\"held\":4.0}");
  }

  @Test
  void shouldAddTheTimeOfTheJobsThatItGoesOnFrom() {
    accumulators.put(ProcessUse.WALL + new JobID(3, 4), HOUR_MS);
    accumulators.put(ProcessUse.WALL + new JobID(5, 6), HOUR_MS / 2);

    assertThat(report(3600).wallSeconds()).isEqualTo(2.5 * 3600);
  }

  @Test
  void shouldSayWhatIsNotKnown() {
    CostReport report = report(1);
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    report.print(new PrintStream(screen, true, UTF_8));

    assertThat(report.coreHours().used()).isNull();
    assertThat(screen.toString(UTF_8))
        .contains("Records                                   1,005\n")
        .contains("    MALFORMED                                 3\n")
        .contains("Core-hours                                    -         4.0000\n")
        .doesNotContain("skipped");
  }

  @Test
  void shouldStandARunWithoutRecords() {
    accumulators.clear();

    assertThat(report(1).coreHoursPerMillionTokens().held()).isNull();
  }

  private CostReport report(double seconds) {
    return CostReport.of(new JobRun(JOB, Counts.of(accumulators), seconds, List.of()));
  }
}
