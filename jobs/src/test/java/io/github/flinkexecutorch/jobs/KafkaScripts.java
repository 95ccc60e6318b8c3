package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** Scripts of a Kafka distribution by their names, with Kafka's own tools from the class path. */
record KafkaScripts(Path folder) {
  private static final Map<String, String> TOOLS =
      Map.of(
          "kafka-topics.sh", "org.apache.kafka.tools.TopicCommand",
          "kafka-console-producer.sh", "org.apache.kafka.tools.ConsoleProducer",
          "kafka-console-consumer.sh", "org.apache.kafka.tools.consumer.ConsoleConsumer");

  /** Writes them into a folder that is made for them. */
  static KafkaScripts in(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    for (Map.Entry<String, String> tool : TOOLS.entrySet()) {
      Path script = folder.resolve(tool.getKey());
      Files.writeString(
          script,
          "#!/bin/sh\nexec '%s' -Xmx256m -cp '%s' %s \"$@\"\n"
              .formatted(java, System.getProperty("java.class.path"), tool.getValue()));
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return new KafkaScripts(folder);
  }
}
