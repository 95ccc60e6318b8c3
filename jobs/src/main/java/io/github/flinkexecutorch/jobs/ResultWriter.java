package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;
import org.apache.flink.util.IOUtils;

/**
 * Kafka's writer, and the end of its admin client. The writer opens one to look for transactions
 * that an earlier start left open and (Kafka connector 5.0.0) never closes it: its thread would
 * hold the job's class loader for as long as the TaskManager lives.
 */
@Internal
@SuppressWarnings("try") // close() may be interrupted, as that of every writer
public final class ResultWriter<T>
    implements StatefulSinkWriter<T, KafkaWriterState>, CommittingSinkWriter<T, KafkaCommittable> {
  private static final String ADMIN_CLIENT = "adminClient";

  private final PrecommittingStatefulSinkWriter<T, KafkaWriterState, KafkaCommittable> writer;

  ResultWriter(PrecommittingStatefulSinkWriter<T, KafkaWriterState, KafkaCommittable> writer) {
    this.writer = writer;
  }

  @Override
  public void write(T element, Context context) throws IOException, InterruptedException {
    writer.write(element, context);
  }

  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    writer.flush(endOfInput);
  }

  @Override
  public void writeWatermark(Watermark watermark) throws IOException, InterruptedException {
    writer.writeWatermark(watermark);
  }

  @Override
  public Collection<KafkaCommittable> prepareCommit() throws IOException, InterruptedException {
    return writer.prepareCommit();
  }

  @Override
  public List<KafkaWriterState> snapshotState(long checkpointId) throws IOException {
    return writer.snapshotState(checkpointId);
  }

  @Override
  public void close() throws Exception {
    IOUtils.closeAll(writer, this::closeAdminClient);
  }

  private void closeAdminClient() throws Exception {
    for (Class<?> type = writer.getClass(); type != null; type = type.getSuperclass()) {
      for (var field : type.getDeclaredFields()) {
        if (field.getName().equals(ADMIN_CLIENT)) {
          field.setAccessible(true);
          IOUtils.closeAll((AutoCloseable) field.get(writer));
        }
      }
    }
  }
}
