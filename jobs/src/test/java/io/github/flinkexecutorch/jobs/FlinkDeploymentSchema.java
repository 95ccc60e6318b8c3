package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;

/** What a FlinkDeployment may say, as the Flink Kubernetes Operator tells it to Kubernetes. */
final class FlinkDeploymentSchema {
  private static final String DEFINITION =
      "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

  private FlinkDeploymentSchema() {}

  /** Of its {@code spec}; refuses a field that is not defined, as {@code kubectl} does. */
  static Schema ofSpec() throws IOException {
    try (InputStream definition = FlinkDeploymentSchema.class.getResourceAsStream(DEFINITION)) {
      JsonNode spec =
          DeploymentFiles.parseYaml(new String(definition.readAllBytes(), UTF_8))
              .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
      refuseOtherFields(spec);
      return SchemaRegistry.withDefaultDialect(Dialects.getOpenApi30()).getSchema(spec);
    }
  }

  private static void refuseOtherFields(JsonNode schema) {
    boolean isObject = schema.path("type").asText().equals("object"); // not a field "properties"
    if (isObject && schema.has("properties") && !schema.has("additionalProperties")) {
      ((ObjectNode) schema).put("additionalProperties", false);
    }
    schema.forEach(FlinkDeploymentSchema::refuseOtherFields);
  }
}
