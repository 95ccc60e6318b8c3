package io.github.flinkexecutorch.connector;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;
import org.apache.logging.log4j.core.layout.PatternLayout;

/**
 * All that is logged until it is closed: everything of this project, and of others from INFO on.
 */
final class CapturedLog extends AbstractAppender implements AutoCloseable {
  private static final String OURS = "io.github.flinkexecutorch";

  private final LoggerContext context = LoggerContext.getContext(false);
  private final List<LogEvent> events = new CopyOnWriteArrayList<>();
  private final PatternLayout pattern =
      PatternLayout.newBuilder().withPattern("%p %c [%t] %X %m%n%xEx").build();

  private CapturedLog() {
    super("captured", null, null, false, Property.EMPTY_ARRAY);
  }

  static CapturedLog capture() {
    CapturedLog log = new CapturedLog();
    ConfigurationBuilder<BuiltConfiguration> builder =
        ConfigurationBuilderFactory.newConfigurationBuilder();
    Configuration all =
        builder
            .add(builder.newRootLogger(Level.INFO))
            .add(builder.newLogger(OURS, Level.TRACE))
            .build();
    log.start();
    log.context.reconfigure(all);
    all.getRootLogger().addAppender(log, Level.ALL, null);
    log.context.updateLoggers();
    return log;
  }

  @Override
  public void append(LogEvent event) {
    events.add(event.toImmutable());
  }

  /** As a log file would have them, stack traces included. */
  String text() {
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(pattern.toSerializable(event)));
    return text.toString();
  }

  /** What this project logged. */
  List<LogEvent> ours() {
    return events.stream().filter(event -> event.getLoggerName().startsWith(OURS)).toList();
  }

  @Override
  public void close() {
    context.reconfigure(); // as it was
    stop();
  }
}
