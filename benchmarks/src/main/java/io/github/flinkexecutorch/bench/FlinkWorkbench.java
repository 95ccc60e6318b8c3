package io.github.flinkexecutorch.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * A job inside this process: source, inference, sink. It runs until it is closed, so a run measures
 * neither its start nor the loading of the model. One at a time in a process.
 */
final class FlinkWorkbench implements Workbench {
  private static final BlockingQueue<Prompt> WAITING = new LinkedBlockingQueue<>();
  private static final BlockingQueue<Result> DONE = new LinkedBlockingQueue<>();

  /** Tokens of one prompt, or why there will be none. */
  private record Result(Tokens tokens, Throwable failure) {}

  private final JobClient job;

  /**
   * @param inference the step of the job that is measured
   * @param slots its parallelism
   */
  FlinkWorkbench(Function<DataStream<Prompt>, DataStream<Tokens>> inference, int slots) {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(slots);
    environment.setBufferTimeout(Duration.ZERO.toMillis());
    // A source that waits for prompts would keep its whole chain waiting: rebalancing ends it.
    DataStream<Prompt> prompts =
        environment
            .fromSource(
                new NumberSequenceSource(0, Long.MAX_VALUE),
                WatermarkStrategy.noWatermarks(),
                "numbers")
            .setParallelism(1)
            .map(new NextPrompt())
            .setParallelism(1)
            .rebalance();
    inference.apply(prompts).map(new Done()).sinkTo(new DiscardingSink<>());
    try {
      job = environment.executeAsync("benchmark");
    } catch (Exception e) {
      throw new IllegalStateException("The job cannot start", e);
    }
    var unused =
        job.getJobExecutionResult()
            .whenComplete((result, failure) -> DONE.add(new Result(null, failure)));
  }

  @Override
  public Tokens run(List<Prompt> prompts) {
    WAITING.addAll(prompts);
    Tokens sum = Tokens.NONE;
    for (int i = 0; i < prompts.size(); i++) {
      try {
        Result result = DONE.take();
        if (result.tokens() == null) {
          throw new IllegalStateException("The job has ended", result.failure());
        }
        sum = sum.plus(result.tokens());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted", e);
      }
    }
    return sum;
  }

  @Override
  public void close() {
    job.cancel().join();
  }

  private static final class NextPrompt implements MapFunction<Long, Prompt> {
    private static final long serialVersionUID = 1L;

    @Override
    public Prompt map(Long number) throws InterruptedException {
      return WAITING.take();
    }
  }

  private static final class Done implements MapFunction<Tokens, Tokens> {
    private static final long serialVersionUID = 1L;

    @Override
    public Tokens map(Tokens tokens) {
      DONE.add(new Result(tokens, null));
      return tokens;
    }
  }
}
