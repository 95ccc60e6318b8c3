package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.util.List;

/** The jar for SQL: the model provider and nothing of the jobs. */
class SqlJarITCase extends JarForClusters {

  SqlJarITCase() throws IOException {
    super(ShadedJar.forSql());
  }

  @Override
  List<String> contained() {
    return List.of();
  }

  @Override
  List<String> leftOut() {
    return List.of("org/apache/kafka/", "io/github/flinkexecutorch/jobs/");
  }
}
