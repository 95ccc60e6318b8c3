package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.faults.BrokerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Types what docs/deployment.md tells to type into the containers, and the commands of all pages
 * that submit a job from Kafka to Kafka, as they stand there: in the place of the containers are a
 * broker, Kafka's tools and a Flink cluster of this machine.
 */
class DeploymentCommandsITCase {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String RECORD = "{\"message\":\"Where is my order 12345?\"}";
  private static final Pattern EXEC =
      Pattern.compile("^docker compose exec (?:kafka|jobmanager) (?:(?=/)|(?=flink ))");

  @TempDir private static Path folder;

  private static BrokerProcess broker;
  private static KafkaScripts kafka;
  private static SessionCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    broker = BrokerProcess.start(folder.resolve("broker"));
    kafka = KafkaScripts.in(folder.resolve("kafka"));
    Map<String, String> settings =
        Map.of(
            "taskmanager.numberOfTaskSlots",
            "4",
            "restart-strategy.type",
            "none",
            "execution.checkpointing.dir",
            folder.resolve("checkpoints").toUri().toString());
    cluster = new SessionCluster(FlinkDistribution.fetch(), folder, settings);
    // As the service of docker-compose.yml does that makes them.
    type(
        DeploymentFiles.yaml("docker-compose.yml")
            .at("/services/topics/command/2")
            .asText()
            .replace("$$", "$"));
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    broker.close();
  }

  @Test
  void shouldSubmitSendReadStopAndGoOn() throws Exception {
    DeploymentPage page = DeploymentPage.read();
    assertThat(page.text()).contains("such as `" + RECORD + "`");
    String submit = page.command("docker compose exec jobmanager flink run");
    String produce =
        page.command("docker compose exec kafka /opt/kafka/bin/kafka-console-producer");
    String consume =
        page.command("docker compose exec kafka /opt/kafka/bin/kafka-console-consumer");
    String send = "echo '%s' | %s".formatted(RECORD, here(produce));

    String job = cluster.submitted(here(submit));
    type(send);
    assertThat(type(consume + most(1))).containsOnlyOnce("\"completion\"");

    String stop = page.command("flink stop");
    assertThat(stop).contains(" FOLDER ", " JOB");
    String savepoint =
        cluster.savepoint(
            stop.replace("FOLDER", folder.resolve("savepoints").toString()).replace("JOB", job));
    type(send);

    String goOn = page.command("flink run -s");
    assertThat(goOn).contains("SAVEPOINT", "...");
    String again =
        cluster.submitted(
            goOn.replace("SAVEPOINT", savepoint)
                .replace("...", here(submit).replaceFirst("^flink run ", "")));
    assertThat(type(consume + most(2)).split("\"completion\"", -1)).hasSize(3);
    cluster.cancel(again);
  }

  @Test
  void shouldMakeTheTopicsOfSql() throws Exception {
    for (String command : DeploymentPage.read().commands()) {
      if (command.contains("kafka-topics.sh")) {
        type(command);
      }
    }

    try (Admin admin = Admin.create(broker.clientProperties())) {
      Set<String> names = admin.listTopics().names().get();
      assertThat(names)
          .containsExactlyInAnyOrder(
              "requests", "completions", "stats", "dead-letters", "tickets", "answers");
    }
  }

  @Test
  void shouldRunTheJobsThatOtherPagesSubmit() throws Exception {
    List<DocumentedCommand> commands =
        DocumentedCommand.all().stream()
            .filter(command -> command.text().startsWith("flink run -c "))
            .filter(command -> command.text().contains(StreamEnrichmentJob.class.getName() + " "))
            .toList();

    assertThat(commands).hasSizeGreaterThanOrEqualTo(2);
    for (DocumentedCommand command : commands) {
      String job =
          cluster.submitted(here(command.text()).replaceFirst("^flink run ", "flink run -d "));
      await(command.toString()).atMost(LIMIT).until(() -> runs(job));
      cluster.cancel(job);
    }
  }

  private static boolean runs(String job) throws Exception {
    JsonNode state = new ObjectMapper().readTree(cluster.get("/jobs/" + job));
    assertThat(state.get("state").asText()).isNotIn("FAILING", "FAILED");
    return state.get("vertices").findValues("status").stream()
        .allMatch(status -> status.asText().equals("RUNNING"));
  }

  /** What a command prints, with the places of this machine; it must succeed. */
  private static String type(String command) throws IOException, InterruptedException {
    SessionCluster.Submission result = cluster.shell(here(command));
    assertThat(result.exitCode()).as("%s%n%s", command, result.output()).isZero();
    return result.output();
  }

  private static String here(String command) throws IOException {
    String jar = ShadedJar.ofThisBuild().path().toString();
    return EXEC.matcher(command)
        .replaceFirst("")
        .replaceAll("(?:/opt/flink/usrlib/)?\\bflink-executorch-jobs(?:-\\S+-all)?\\.jar", jar)
        .replace("/opt/kafka/bin/", kafka.folder() + "/")
        .replace("kafka:9092", broker.bootstrapServers())
        .replaceAll("/models/(?:small|large|tickets)/", DeploymentFiles.SAMPLES + "/tickets/");
  }

  /** The console's consumer goes on for ever unless it is told how many records to read. */
  private static String most(int records) {
    return " --max-messages " + records + " --timeout-ms " + LIMIT.toMillis();
  }
}
