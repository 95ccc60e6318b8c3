package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.junit.jupiter.api.Test;

/** Holds docker-compose.yml, and what it mounts and builds, to the build and to one another. */
class ComposeFileTest {
  private static final String FILE = "docker-compose.yml";

  @Test
  void shouldDescribeOneBrokerAFlinkClusterAndWhatWatchesIt() throws IOException {
    JsonNode services = services();

    assertThat(names(services))
        .containsExactly("kafka", "topics", "jobmanager", "taskmanager", "prometheus", "grafana");
    assertThat(services.at("/taskmanager/deploy/replicas").asInt()).isEqualTo(2);
    assertThat(services.at("/jobmanager/image")).isEqualTo(services.at("/taskmanager/image"));
    assertThat(services.at("/jobmanager/command").asText()).isEqualTo("jobmanager");
    assertThat(services.at("/taskmanager/command").asText()).isEqualTo("taskmanager");
  }

  @Test
  void shouldPinEveryImageAndTakeTheVersionsOfTheBuild() throws IOException {
    JsonNode services = services();

    services.forEach(
        service -> assertThat(service.get("image").asText()).matches("[a-z/-]+:v?\\d+\\.\\d+.*"));
    assertThat(services.at("/kafka/image").asText())
        .isEqualTo("apache/kafka:" + DeploymentFiles.version("kafka.version"));
    assertThat(services.at("/topics/image")).isEqualTo(services.at("/kafka/image"));
    assertThat(services.at("/jobmanager/image").asText())
        .isEqualTo("flink-executorch:" + DeploymentFiles.projectVersion());
    assertThat(DeploymentFiles.argument("VERSION")).isEqualTo(DeploymentFiles.projectVersion());
    assertThat(DeploymentFiles.argument("FLINK_VERSION"))
        .isEqualTo(DeploymentFiles.version("flink.version"));
    assertThat(DeploymentFiles.argument("KAFKA_CONNECTOR_VERSION"))
        .isEqualTo(DeploymentFiles.version("flink.kafka.version"));
    assertThat(DeploymentFiles.text("docker/Dockerfile"))
        .contains(
            "FROM flink:${FLINK_VERSION}-java" + DeploymentFiles.version("maven.compiler.release"));
  }

  @Test
  void shouldMountWhatIsThere() throws IOException {
    Set<String> volumes = new HashSet<>(names(compose().get("volumes")));
    for (JsonNode service : services()) {
      for (JsonNode mount : service.path("volumes")) {
        String source = mount.asText().split(":", -1)[0];
        if (source.startsWith("./")) {
          assertThat(DeploymentFiles.ROOT.resolve(source)).exists();
        } else {
          assertThat(volumes).contains(source);
        }
      }
    }
  }

  @Test
  void shouldBuildTheImageFromFilesThatItsContextHas() throws IOException {
    JsonNode build = services().at("/jobmanager/build");
    assertThat(build.get("context").asText()).isEqualTo(".");
    assertThat(DeploymentFiles.ROOT.resolve(build.get("dockerfile").asText())).exists();
    List<String> context = new ArrayList<>();
    for (String line : DeploymentFiles.text("docker/Dockerfile.dockerignore").lines().toList()) {
      if (line.startsWith("!")) {
        context.add(line.substring(1));
      }
    }

    for (DeploymentFiles.Copied copied : DeploymentFiles.image()) {
      Path source = DeploymentFiles.ROOT.relativize(copied.source());
      assertThat(context)
          .as("what the context has of %s", source)
          .anyMatch(glob -> source.getFileSystem().getPathMatcher("glob:" + glob).matches(source));
      assertThat(copied.target()).startsWith("/opt/flink/");
    }
  }

  @Test
  void shouldWaitForWhatIsHealthy() throws IOException {
    JsonNode services = services();
    for (JsonNode service : services) {
      service
          .path("depends_on")
          .properties()
          .forEach(
              needed -> {
                boolean ends = needed.getKey().equals("topics");
                assertThat(needed.getValue().get("condition").asText())
                    .isEqualTo(ends ? "service_completed_successfully" : "service_healthy");
                assertThat(services.at("/" + needed.getKey()).has("healthcheck"))
                    .as("health of %s", needed.getKey())
                    .isEqualTo(!ends);
              });
    }
  }

  @Test
  void shouldOpenPortsOnThisMachineOnly() throws IOException {
    List<String> ports = new ArrayList<>();
    for (JsonNode service : services()) {
      service.path("ports").forEach(port -> ports.add(port.asText()));
    }
    assertThat(ports)
        .containsExactly("127.0.0.1:8081:8081", "127.0.0.1:9090:9090", "127.0.0.1:3000:3000");
  }

  @Test
  void shouldMakeTheTopicsThatTheJobHasByDefault() throws IOException {
    StreamEnrichmentOptions job =
        StreamEnrichmentOptions.parse("--bootstrap-servers", "kafka:9092", "--model", "a.pte");
    assertThat(services().at("/topics/command/2").asText())
        .contains(
            "for topic in %s %s %s %s;"
                .formatted(
                    job.requestsTopic, job.completionsTopic, job.statsTopic, job.deadLettersTopic));
  }

  @Test
  void shouldConfigureFlinkByOptionsThatItHas() throws IOException {
    Configuration flink = DeploymentFiles.composeConfiguration();

    assertThat(flink.get(JobManagerOptions.ADDRESS)).isEqualTo("jobmanager");
    assertThat(flink.get(TaskManagerOptions.NUM_TASK_SLOTS)).isEqualTo(2);
    assertThat(flink.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY)).startsWith("file:///");
    assertThat(flink.get(CheckpointingOptions.SAVEPOINT_DIRECTORY)).startsWith("file:///");
    assertThat(flink.get(RestartStrategyOptions.RESTART_STRATEGY)).isEqualTo("exponential-delay");
    assertThat(flink.get(CoreOptions.ALWAYS_PARENT_FIRST_LOADER_PATTERNS_ADDITIONAL))
        .containsExactly("io.github.flinkexecutorch.", "org.bytedeco.", "ai.djl.");
    assertThat(services().at("/jobmanager/environment"))
        .isEqualTo(services().at("/taskmanager/environment"));
  }

  /** Flink's own calculation refuses what does not add up. */
  @Test
  void shouldLeaveFlinkEnoughMemoryBesideTheModels() throws IOException {
    Configuration flink = DeploymentFiles.composeConfiguration();

    var spec = TaskExecutorProcessUtils.processSpecFromConfig(flink);
    assertThat(spec.getTaskOffHeapSize()).isEqualTo(MemorySize.parse("512m"));
    assertThat(spec.getTaskHeapSize()).isGreaterThan(MemorySize.parse("200m"));
  }

  @Test
  void shouldScrapeTheReportersOfTheCluster() throws IOException {
    JsonNode jobs = DeploymentFiles.yaml("docker/prometheus.yml").get("scrape_configs");
    String port = DeploymentFiles.composeConfiguration().toMap().get("metrics.reporter.prom.port");

    assertThat(jobs.at("/0/static_configs/0/targets/0").asText()).isEqualTo("jobmanager:" + port);
    assertThat(jobs.at("/1/dns_sd_configs/0/names/0").asText()).isEqualTo("taskmanager");
    assertThat(jobs.at("/1/dns_sd_configs/0/port").asText()).isEqualTo(port);
  }

  @Test
  void shouldAlertByRulesThatFitTheContainers() throws IOException {
    JsonNode files = DeploymentFiles.yaml("docker/prometheus.yml").get("rule_files");
    MemorySize container =
        DeploymentFiles.composeConfiguration().get(TaskManagerOptions.TOTAL_PROCESS_MEMORY);

    assertThat(files).extracting(JsonNode::asText).containsExactly("alerts.yml");
    assertThat(services().at("/prometheus/volumes"))
        .extracting(JsonNode::asText)
        .contains(
            "./docker/prometheus.yml:/etc/prometheus/prometheus.yml:ro",
            "./docker/alerts.yml:/etc/prometheus/alerts.yml:ro");
    assertThat(DeploymentFiles.text("docker/alerts.yml"))
        .contains("nativeRssBytes) > 0.9 * " + container.getBytes());
  }

  @Test
  void shouldShowTheDashboardFromPrometheus() throws IOException {
    JsonNode source =
        DeploymentFiles.yaml("docker/grafana/provisioning/datasources/prometheus.yml")
            .at("/datasources/0");
    String dashboard = DeploymentFiles.text("docker/grafana/dashboards/flink-executorch.json");
    JsonNode provider =
        DeploymentFiles.yaml("docker/grafana/provisioning/dashboards/dashboards.yml")
            .at("/providers/0");
    JsonNode grafana = services().get("grafana");

    assertThat(source.get("url").asText()).isEqualTo("http://prometheus:9090");
    assertThat(dashboard).contains("\"uid\": \"" + source.get("uid").asText() + "\"");
    assertThat(source.at("/jsonData/timeInterval"))
        .isEqualTo(DeploymentFiles.yaml("docker/prometheus.yml").at("/global/scrape_interval"));
    String folder = provider.at("/options/path").asText();
    assertThat(grafana.get("volumes").toString())
        .contains("./docker/grafana/dashboards:" + folder + ":ro");
    assertThat(grafana.at("/environment/GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH").asText())
        .isEqualTo(folder + "/flink-executorch.json");
  }

  /** A native crash ends a process, and docs/crash-journal.md counts on another one. */
  @Test
  void shouldStartAgainWhatEnds() throws IOException {
    services()
        .properties()
        .forEach(
            service ->
                assertThat(service.getValue().path("restart").asText())
                    .as(service.getKey())
                    .isEqualTo(service.getKey().equals("topics") ? "" : "unless-stopped"));
  }

  /** By its JSON schema, and by Docker where there is one with the plugin compose. */
  @Test
  void shouldFollowTheComposeSpecification() throws Exception {
    Schema specification =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(SchemaLocation.of("classpath:compose-spec/compose-spec.json"));
    String file = compose().toString();
    String misspelt = file.replace("\"restart\"", "\"restrat\"");

    assertThat(specification.validate(file, InputFormat.JSON)).isEmpty();
    assertThat(specification.validate(misspelt, InputFormat.JSON))
        .anySatisfy(error -> assertThat(error.toString()).contains("restrat"));
    if (runs("docker", "compose", "version")) {
      assertThat(runs("docker", "compose", "config", "--quiet")).isTrue();
    }
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .directory(DeploymentFiles.ROOT.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }

  private static JsonNode compose() throws IOException {
    return DeploymentFiles.yaml(FILE);
  }

  private static JsonNode services() throws IOException {
    return compose().get("services");
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
