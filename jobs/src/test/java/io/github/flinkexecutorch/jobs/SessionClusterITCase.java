package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar on a cluster of processes, where each submission gets a class loader of its own: a
 * second copy of the natives in one process would end it.
 */
class SessionClusterITCase {
  private static final int TICKETS = 10;

  @TempDir private static Path folder;

  private LocalBroker broker;
  private SessionCluster cluster;

  @BeforeEach
  void start() throws Exception {
    broker = LocalBroker.start();
    cluster = new SessionCluster(FlinkDistribution.fetch(), folder);
  }

  @AfterEach
  void stop() {
    cluster.close();
    broker.close();
  }

  @Test
  void shouldRunJarAgainAndRefuseAnotherBuildInSameTaskManager() throws Exception {
    ShadedJar jar = ShadedJar.ofThisBuild();
    for (int submission = 1; submission <= 3; submission++) {
      JobTopics topics = topicsWithTickets("submission-" + submission);
      Submission result = submit(jar, topics);
      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(topics.completions()).hasSize(TICKETS);
      assertThat(cluster.taskManagerAlive()).as("TaskManager after job " + submission).isTrue();
    }

    Submission other = submit(jar.withOtherNatives(folder), topicsWithTickets("other-build"));
    assertThat(other.exitCode()).isNotZero();
    assertThat(other.output()).contains("libexecutorch.so", "parent-first");
    assertThat(cluster.taskManagerAlive()).as("TaskManager after another build").isTrue();

    JobTopics topics = topicsWithTickets("afterwards");
    assertThat(submit(jar, topics).exitCode()).isZero();
    assertThat(topics.completions()).hasSize(TICKETS);
  }

  private Submission submit(ShadedJar jar, JobTopics topics) throws Exception {
    return cluster.run(jar.path(), StreamEnrichmentJob.class, topics.arguments());
  }

  private JobTopics topicsWithTickets(String name) throws Exception {
    JobTopics topics = JobTopics.create(broker, name, 2);
    List<JsonNode> tickets = JobTopics.tickets(TICKETS);
    broker.produce(
        tickets.stream()
            .map(
                ticket ->
                    new ProducerRecord<byte[], byte[]>(
                        topics.requests(), ticket.toString().getBytes(StandardCharsets.UTF_8)))
            .toList());
    return topics;
  }
}
