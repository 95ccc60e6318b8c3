package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

/** What the image's configuration of the log makes of an event. */
class JsonLogTest {
  private static final Path CONFIGURATION =
      DeploymentFiles.ROOT.resolve("docker/log4j-console.properties");
  private static final String LOG_FILE = "log.file"; // Flink's scripts set it

  @TempDir private Path folder;

  @Test
  void shouldWriteOneObjectALine() throws IOException {
    Path file = folder.resolve("flink.log");
    String before = System.setProperty(LOG_FILE, file.toString());
    try (LoggerContext context = new LoggerContext("json", null, CONFIGURATION.toUri())) {
      context.start();
      Logger logger = context.getLogger("io.github.flinkexecutorch.Example");
      MDC.put("executorch-subtask", "3");
      logger.info("two\nlines, a \"quote\" and a {}", "value");
      MDC.remove("executorch-subtask");
      logger.error("failed", new IllegalStateException("a\ncause"));
      logger.debug("not at this level");
    } finally {
      if (before == null) {
        System.clearProperty(LOG_FILE);
      } else {
        System.setProperty(LOG_FILE, before);
      }
    }

    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0).get("message").asText())
        .isEqualTo("two\nlines, a \"quote\" and a value");
    assertThat(lines.get(0).get("log.level").asText()).isEqualTo("INFO");
    assertThat(lines.get(0).get("log.logger").asText())
        .isEqualTo("io.github.flinkexecutorch.Example");
    assertThat(lines.get(0).get("executorch-subtask").asText()).isEqualTo("3");
    assertThat(lines.get(0).has("@timestamp")).isTrue();
    assertThat(lines.get(1).has("executorch-subtask")).isFalse();
    assertThat(lines.get(1).get("error.type").asText())
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(lines.get(1).get("error.message").asText()).isEqualTo("a\ncause");
    assertThat(lines.get(1).get("error.stack_trace").asText()).contains("\tat ");
  }
}
