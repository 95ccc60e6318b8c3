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
import java.util.stream.Stream;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @TempDir private Path folder;

  private LocalBroker broker;
  private SessionCluster cluster;

  @AfterEach
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
    broker.close();
  }

  /** The connector in Flink's lib/, or brought by the client. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldCompleteTicketsFromKafkaToKafka(boolean installed) throws Exception {
    Path connector = ShadedJar.forSql().path();
    broker = LocalBroker.start();
    cluster = start(installed ? List.of(connector) : List.of());
    List<Path> jars =
        new ArrayList<>(List.of(ShadedJar.only(SQL, "flink-sql-connector-kafka-*.jar")));
    if (!installed) {
      jars.add(connector);
    }
    broker.createTopics(2, "tickets", "answers");
    broker.produce(records());

    Submission session = cluster.sql(session(), jars);

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

  /** A cluster with more jars in its lib/. */
  private SessionCluster start(List<Path> more) throws IOException, InterruptedException {
    // Beside it may be the jar of another version, of a build with another profile.
    String gateway = "flink-sql-gateway-" + EnvironmentInformation.getVersion() + ".jar";
    FlinkDistribution flink = FlinkDistribution.fetch().withOptional(SQL.resolve(gateway));
    Path lib = Files.createDirectory(folder.resolve("lib"));
    try (Stream<Path> jars = Files.list(flink.home().resolve("lib"))) {
      for (Path jar : Stream.concat(jars, more.stream()).toList()) {
        Files.createSymbolicLink(lib.resolve(jar.getFileName()), jar.toAbsolutePath());
      }
    }
    Map<String, String> environment = Map.of("FLINK_LIB_DIR", lib.toString());
    return new SessionCluster(
        flink, folder, Map.of("restart-strategy.type", "none"), 1, environment);
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
