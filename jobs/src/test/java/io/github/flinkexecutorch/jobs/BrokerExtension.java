package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.jobs.demo.KafkaBroker;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A {@link LocalBroker} for all tests of a class. To be registered before a cluster: its jobs end
 * while the broker is still there.
 */
public final class BrokerExtension implements KafkaBroker, BeforeAllCallback, AfterAllCallback {
  /** The {@code @Order} of one, which is before those that have none. */
  public static final int FIRST = 0;

  private LocalBroker broker;

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    broker = LocalBroker.start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (broker != null) {
      close();
    }
  }

  @Override
  public String bootstrapServers() {
    return broker.bootstrapServers();
  }

  @Override
  public void close() {
    broker.close();
  }
}
