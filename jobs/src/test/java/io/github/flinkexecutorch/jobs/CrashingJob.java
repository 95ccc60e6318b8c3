package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.PoisonedInference;
import io.github.flinkexecutorch.connector.RequestParser;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** {@link StreamEnrichmentJob} on engines that some records crash, with the same arguments. */
public final class CrashingJob {
  private CrashingJob() {}

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    StreamEnrichmentOptions options = StreamEnrichmentOptions.parse(args);
    options.configure(env);
    Configuration inference = options.inference();
    StreamEnrichmentJob.write(
        PoisonedInference.of(inference)
            .apply(
                StreamEnrichmentJob.read(env, options)
                    .process(new RequestParser(inference))
                    .uid("parse")),
        options);
    env.execute("crashing");
  }
}
