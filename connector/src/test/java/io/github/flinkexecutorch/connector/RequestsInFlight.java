package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceReader;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The requests that the committed savepoints hold, with a value in every field that version 0.1.0
 * had. They are not to be changed: no savepoint would have the new ones.
 */
final class RequestsInFlight {
  static final RecordOrigin ORIGIN =
      new RecordOrigin(
          "tickets",
          3,
          42,
          1_700_000_000_000L,
          "key".getBytes(UTF_8),
          "{\"id\":".getBytes(UTF_8),
          new RecordHeader[] {
            new RecordHeader("trace", new byte[] {0, -1}), new RecordHeader("trace", null)
          });

  static final Rejection REJECTION =
      new Rejection(
          FailureKind.MALFORMED, FailureStage.PARSE, "The value ends early.", "com.example.Early");

  private static final RequestOverrides SAMPLED =
      new RequestOverrides(
          0.7f,
          0.9f,
          5,
          8,
          42L,
          new String[] {"!!"},
          new int[] {7},
          0.25f,
          0.5f,
          1.25f,
          true,
          null,
          null);

  private static final RequestOverrides BY_GRAMMAR =
      new RequestOverrides(
          null, null, null, null, null, null, null, null, null, null, null, "[A-Za-z ]+", "regex");

  /** More than the model's context. */
  private static final String LONG = "the cobalt headphones broke, ".repeat(100);

  private static final InferenceRequest[] REQUESTS = {
    InferenceRequest.of("plain", "Ticket: my parcel is late 👋\nAnswer:"),
    new InferenceRequest("bad", null, null, null, ORIGIN, REJECTION),
    InferenceRequest.of("image", "What is it?")
        .withImages(
            RequestImage.ofBytes(new byte[] {1, 2, 3}),
            new RequestImage("a.png", null, 1, 1, new byte[] {1, 2, -3}, 4, 5, new byte[] {6})),
    new InferenceRequest(
        "overrides", "Ticket: please change my address\nAnswer:", null, SAMPLED, ORIGIN, null),
    InferenceRequest.ofMessages(
        "conversation",
        RequestMessage.of("user", "My parcel is late."),
        RequestMessage.of("assistant", "I am sorry."),
        new RequestMessage("user", new String[] {"Where", " is it?"})),
    new InferenceRequest(
        "cut",
        "Ticket: " + LONG + "\nAnswer:",
        null,
        BY_GRAMMAR,
        null,
        null,
        "a model",
        new int[] {8, 8 + LONG.length()},
        null),
  };

  /**
   * Those of a savepoint whose requests knew no messages, and whose overrides no more than this.
   */
  private static final List<InferenceRequest> BEFORE_CHATS =
      List.of(
          REQUESTS[0],
          REQUESTS[1],
          REQUESTS[2],
          new InferenceRequest(
              "overrides",
              "Ticket: please change my address\nAnswer:",
              null,
              new RequestOverrides(0.7f, 0.9f, 5, 8, 42L),
              ORIGIN,
              null));

  /** How many of them reach the engine; the last one is among them. */
  static final int GOOD = 4;

  private RequestsInFlight() {}

  /** What is to come out of a savepoint, with nothing in the components that it lacks. */
  static List<InferenceRequest> in(Path savepoint) {
    return savepoint.endsWith("before-chats") ? BEFORE_CHATS : List.of(REQUESTS);
  }

  /** All of them, and then nothing, but no end either. */
  static DataStream<InferenceRequest> beforeTheSavepoint(StreamExecutionEnvironment env) {
    return requests(env, new Endless());
  }

  /** What the source of the savepoint has left: nothing. */
  static DataStream<InferenceRequest> afterTheSavepoint(StreamExecutionEnvironment env) {
    return requests(env, new NumberSequenceSource(0, REQUESTS.length - 1));
  }

  private static DataStream<InferenceRequest> requests(
      StreamExecutionEnvironment env, NumberSequenceSource numbers) {
    return env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
        .uid("numbers")
        .map(number -> REQUESTS[number.intValue()])
        .returns(InferenceRequest.class)
        .uid("requests");
  }

  private static final class Endless extends NumberSequenceSource {
    private static final long serialVersionUID = 1L;

    private Endless() {
      super(0, REQUESTS.length - 1);
    }

    @Override
    @SuppressWarnings("try") // close() of Flink's reader may throw anything
    public SourceReader<Long, NumberSequenceSplit> createReader(SourceReaderContext context) {
      return new IteratorSourceReader<>(context) {
        private boolean ended;

        @Override
        public InputStatus pollNext(ReaderOutput<Long> numbers) {
          InputStatus status = super.pollNext(numbers);
          ended = status == InputStatus.END_OF_INPUT;
          return ended ? InputStatus.NOTHING_AVAILABLE : status;
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
          return ended ? new CompletableFuture<>() : super.isAvailable();
        }
      };
    }
  }
}
