package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import io.github.flinkexecutorch.jobs.demo.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The session of docs/sql.md in the SQL client of a Flink distribution, on a cluster of processes:
 * from Kafka to Kafka, with the jar that is for SQL.
 */
class SqlClientITCase {
  private static final int TICKETS = 50;
  private static final Path SQL = Path.of("target/sql");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SESSION =
      Pattern.compile("## From Kafka to Kafka.*?```sql\n(.*?)\n```", Pattern.DOTALL);

  @TempDir private static Path folder;

  private LocalBroker broker;
  private SessionCluster cluster;

  @BeforeEach
  void start() throws Exception {
    broker = LocalBroker.start();
    // Beside it may be the jar of another version, of a build with another profile.
    String gateway = "flink-sql-gateway-" + EnvironmentInformation.getVersion() + ".jar";
    FlinkDistribution flink = FlinkDistribution.fetch().withOptional(SQL.resolve(gateway));
    cluster = new SessionCluster(flink, folder);
  }

  @AfterEach
  void stop() {
    cluster.close();
    broker.close();
  }

  @Test
  void shouldCompleteTicketsFromKafkaToKafka() throws Exception {
    broker.createTopics(2, "tickets", "answers");
    broker.produce(records());

    Submission session =
        cluster.sql(
            session(),
            List.of(
                ShadedJar.forSql().path(), ShadedJar.only(SQL, "flink-sql-connector-kafka-*.jar")));

    assertThat(session.exitCode()).as(session.output()).isZero();
    Map<String, JsonNode> answers = answers();
    assertThat(answers).as(session.output()).hasSize(TICKETS + 1);
    for (JsonNode ticket : JobTopics.tickets(TICKETS)) {
      JsonNode answer = answers.get(ticket.get("id").asText());
      assertThat(answer.get("error").isNull()).isTrue();
      assertThat(answer.get("completion").asText().strip()).startsWith("{\"category\":");
    }
    assertThat(answers.get("bad").get("completion").isNull()).isTrue();
    assertThat(answers.get("bad").get("error").asText()).contains("blank");
    assertThat(cluster.taskManagerAlive()).isTrue();
  }

  private static List<ProducerRecord<byte[], byte[]>> records() throws IOException {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (JsonNode ticket : JobTopics.tickets(TICKETS)) {
      records.add(record(ticket.toString()));
    }
    records.add(record("{\"id\":\"bad\",\"message\":\" \"}"));
    return records;
  }

  private static ProducerRecord<byte[], byte[]> record(String json) {
    return new ProducerRecord<>("tickets", json.getBytes(UTF_8));
  }

  private Map<String, JsonNode> answers() throws IOException {
    List<JsonNode> answers = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record :
        Topic.readCommitted(broker.clientProperties(), "answers")) {
      answers.add(JSON.readTree(record.value()));
    }
    return answers.stream().collect(toMap(answer -> answer.get("id").asText(), answer -> answer));
  }

  /** The statements of the page, with the places of this machine. */
  private String session() throws IOException {
    Matcher page = SESSION.matcher(Files.readString(Path.of("../docs/sql.md")));
    assertThat(page.find()).isTrue();
    Path tickets = Path.of("../sample-data/tickets").toAbsolutePath().normalize();
    return page.group(1)
        .replace("kafka:9092", broker.bootstrapServers())
        .replace("/models/tickets", tickets.toString());
  }
}
