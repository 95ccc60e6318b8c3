package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.llm.engine.EngineOptions;
import io.github.flinkexecutorch.llm.engine.LLMEngine;
import io.github.flinkexecutorch.llm.engine.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.junit.jupiter.api.Test;

/** Holds the example for the Flink Kubernetes Operator to the image, the build and the jobs. */
class KubernetesFileTest {
  private static final String FILE = "kubernetes/flink-deployment.yaml";

  @Test
  void shouldBeADeploymentOfTheImageOfThisBuild() throws IOException {
    JsonNode deployment = DeploymentFiles.yaml(FILE);
    String[] flink = DeploymentFiles.version("flink.version").split("\\.", -1);

    assertThat(deployment.get("apiVersion").asText()).isEqualTo("flink.apache.org/v1beta1");
    assertThat(deployment.get("kind").asText()).isEqualTo("FlinkDeployment");
    assertThat(deployment.at("/spec/image").asText())
        .endsWith("/flink-executorch:" + DeploymentFiles.projectVersion());
    assertThat(deployment.at("/spec/flinkVersion").asText())
        .isEqualTo("v" + flink[0] + "_" + flink[1]);
  }

  /**
   * The newest schema that is published ends before Flink 2, and refuses its version. One that
   * knows it fails this test, which then has to ask for no fault at all.
   */
  @Test
  void shouldFollowTheSchemaOfTheOperatorButForTheVersionOfFlink() throws IOException {
    Schema schema = FlinkDeploymentSchema.ofSpec();
    String spec = DeploymentFiles.yaml(FILE).get("spec").toString();
    String older = spec.replace("\"v2_3\"", "\"v1_20\"");

    assertThat(schema.validate(spec, InputFormat.JSON))
        .singleElement()
        .asString()
        .startsWith("/flinkVersion: does not have a value in the enumeration")
        .contains("v1_20");
    assertThat(schema.validate(older, InputFormat.JSON)).isEmpty();
    for (String field : List.of("upgradeMode", "containerPort", "fsGroup")) {
      String misspelt = older.replace("\"" + field + "\"", "\"" + field + "s\"");
      assertThat(schema.validate(misspelt, InputFormat.JSON))
          .singleElement()
          .asString()
          .contains("'" + field + "s' is not defined");
    }
  }

  @Test
  void shouldRunAJobOfTheImageWithArgumentsThatItTakes() throws Exception {
    JsonNode job = DeploymentFiles.yaml(FILE).at("/spec/job");

    assertThat(DeploymentFiles.image())
        .extracting(DeploymentFiles.Copied::target)
        .contains(job.get("jarURI").asText().replace("local://", ""));
    assertThat(job.get("entryClass").asText()).isEqualTo(StreamEnrichmentJob.class.getName());
    Configuration inference = arguments().inference();
    assertThat(inference.get(ExecuTorchOptions.PROMPT_TEMPLATE))
        .isEqualTo(DeploymentFiles.text("sample-data/tickets/prompt-template.txt"));
    assertThat(inference.get(ExecuTorchOptions.MODEL_PATH)).startsWith("/models/");
  }

  @Test
  void shouldReserveWhatTheModelMayTakeAndTheModelShouldFit() throws IOException {
    MemorySize limit = arguments().inference().get(ExecuTorchOptions.ENGINE_MEMORY_LIMIT);
    Configuration flink = configuration();
    flink.setString(
        TaskManagerOptions.TOTAL_PROCESS_MEMORY.key(),
        DeploymentFiles.yaml(FILE).at("/spec/taskManager/resource/memory").asText());

    var spec = TaskExecutorProcessUtils.processSpecFromConfig(flink);
    assertThat(spec.getTaskOffHeapSize()).isGreaterThan(limit);
    assertThat(spec.getTaskHeapSize()).isGreaterThan(MemorySize.parse("200m"));
    Path model = Path.of("../sample-data/tickets/model-batched.pte");
    EngineOptions options = EngineOptions.DEFAULTS.withMemoryLimit(limit.getBytes());
    try (LLMEngine engine =
        LLMEngine.open(ModelSpec.of(model, model.getParent()), options, "kubernetes")) {
      assertThat(engine.memoryPlan().total()).isBetween(1L, limit.getBytes());
    }
  }

  @Test
  void shouldConfigureFlinkAsTheContainersAre() throws IOException {
    Map<String, String> compose = DeploymentFiles.composeConfiguration().toMap();
    Map<String, String> kubernetes = configuration().toMap();

    for (String key :
        List.of(
            TaskManagerOptions.NUM_TASK_SLOTS.key(),
            TaskManagerOptions.TASK_OFF_HEAP_MEMORY.key(),
            TaskManagerOptions.MANAGED_MEMORY_SIZE.key(),
            CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION.key(),
            CoreOptions.ALWAYS_PARENT_FIRST_LOADER_PATTERNS_ADDITIONAL.key(),
            "metrics.reporter.prom.factory.class",
            "metrics.reporter.prom.port")) {
      assertThat(kubernetes.get(key)).as(key).isNotNull().isEqualTo(compose.get(key));
    }
    assertThat(configuration().get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION))
        .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    JsonNode pod = DeploymentFiles.yaml(FILE).at("/spec/podTemplate");
    assertThat(pod.at("/metadata/annotations/prometheus.io~1port").asText())
        .isEqualTo(kubernetes.get("metrics.reporter.prom.port"));
    assertThat(pod.at("/spec/containers/0/ports/0/containerPort").asText())
        .isEqualTo(kubernetes.get("metrics.reporter.prom.port"));
  }

  @Test
  void shouldMountWhatTheConfigurationAndTheArgumentsName() throws IOException {
    JsonNode pod = DeploymentFiles.yaml(FILE).at("/spec/podTemplate/spec");
    List<String> volumes = new ArrayList<>();
    pod.get("volumes").forEach(volume -> volumes.add(volume.get("name").asText()));
    List<String> paths = new ArrayList<>();
    for (JsonNode mount : pod.at("/containers/0/volumeMounts")) {
      assertThat(volumes).contains(mount.get("name").asText());
      paths.add(mount.get("mountPath").asText());
    }

    assertThat(paths).containsExactly("/models", "/checkpoints");
    assertThat(pod.at("/containers/0/name").asText()).isEqualTo("flink-main-container");
  }

  @Test
  void shouldLogAsTheImageDoes() throws IOException {
    assertThat(
            DeploymentFiles.yaml(FILE)
                .at("/spec/logConfiguration/log4j-console.properties")
                .asText())
        .isEqualTo(DeploymentFiles.text("docker/log4j-console.properties"));
  }

  private static StreamEnrichmentOptions arguments() throws IOException {
    List<String> arguments = new ArrayList<>();
    DeploymentFiles.yaml(FILE).at("/spec/job/args").forEach(word -> arguments.add(word.asText()));
    return StreamEnrichmentOptions.parse(arguments.toArray(String[]::new));
  }

  private static Configuration configuration() throws IOException {
    Configuration configuration = new Configuration();
    DeploymentFiles.yaml(FILE)
        .at("/spec/flinkConfiguration")
        .properties()
        .forEach(setting -> configuration.setString(setting.getKey(), setting.getValue().asText()));
    return configuration;
  }
}
