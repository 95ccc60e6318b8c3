package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The jar of the jobs. */
class ShadedJarITCase extends JarForClusters {

  ShadedJarITCase() throws IOException {
    super(ShadedJar.ofThisBuild());
  }

  @Override
  List<String> contained() {
    return List.of(
        "io/github/flinkexecutorch/jobs/StreamEnrichmentJob.class",
        "io/github/flinkexecutorch/jobs/batch/BatchInferenceJob.class",
        "io/github/flinkexecutorch/jobs/captioning/BulkCaptioningJob.class",
        "org/apache/flink/connector/kafka/source/KafkaSource.class",
        "org/apache/kafka/clients/consumer/KafkaConsumer.class",
        "org/apache/flink/formats/parquet/ParquetWriterFactory.class",
        "org/apache/parquet/hadoop/ParquetWriter.class",
        "org/apache/hadoop/conf/Configuration.class",
        "org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so",
        "picocli/CommandLine.class");
  }

  @Override
  List<String> leftOut() {
    return List.of(
        "org/apache/flink/connector/base/",
        "org/apache/flink/connector/file/",
        "kafka/server/",
        "scala/",
        "me/tongfei/",
        "webapps/",
        "win/",
        "org/xerial/snappy/native/Windows/");
  }

  @Test
  void shouldNameMainClass() throws IOException {
    assertThat(jar.text("META-INF/MANIFEST.MF"))
        .contains("Main-Class: " + StreamEnrichmentJob.class.getName());
  }
}
