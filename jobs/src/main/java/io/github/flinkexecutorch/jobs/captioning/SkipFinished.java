package io.github.flinkexecutorch.jobs.captioning;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFilterFunction;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Leaves out images that have a caption in the output already; those with a dead letter are tried
 * again. Holds the ids of all captions, some hundred bytes each.
 *
 * <p>What it reads after a restart may be more than before: captions that this run has committed.
 * The source does not send those again, so that makes no difference.
 */
final class SkipFinished extends RichFilterFunction<ImageReference>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CaptionOutput output;

  private transient Set<String> finished;
  private transient Tally tally;

  SkipFinished(CaptionOutput output) {
    this.output = output;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    finished = new HashSet<>();
    try (Stream<String> captions = output.captionLines()) {
      for (String caption : (Iterable<String>) captions::iterator) {
        finished.add(JSON.readTree(caption).required("id").asText());
      }
    }
  }

  @Override
  public boolean filter(ImageReference reference) {
    if (!finished.contains(reference.id())) {
      return true;
    }
    tally.add(Tally.SKIPPED, 1);
    return false;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    tally = Tally.restored(context, getRuntimeContext());
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    tally.snapshot();
  }
}
