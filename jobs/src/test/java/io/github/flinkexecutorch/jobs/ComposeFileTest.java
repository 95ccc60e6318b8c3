package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Nothing here runs the file; this keeps it readable and in step with the build. */
class ComposeFileTest {

  @Test
  void shouldDescribeOneBrokerAndOneFlinkCluster() throws IOException {
    Map<?, ?> services = (Map<?, ?>) compose().get("services");

    assertThat(services.keySet())
        .extracting(Object::toString)
        .containsExactly("kafka", "jobmanager", "taskmanager");
    assertThat(image(services, "jobmanager")).isEqualTo(image(services, "taskmanager"));
  }

  private static String image(Map<?, ?> services, String name) {
    return ((Map<?, ?>) services.get(name)).get("image").toString();
  }

  private static Map<?, ?> compose() throws IOException {
    Object document =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(Path.of("../docker-compose.yml")));
    return (Map<?, ?>) document;
  }
}
