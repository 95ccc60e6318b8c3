package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.FinishReason;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every record that travels between operators, full and as empty as it may be. */
class RecordSerializationTest {
  private static final RecordOrigin ORIGIN =
      new RecordOrigin(
          "tickets",
          3,
          42,
          7,
          new byte[] {0, -1},
          new byte[] {1},
          new RecordHeader[] {
            new RecordHeader("h", new byte[] {9}), new RecordHeader("h", null),
          });
  private static final RequestImage IMAGE =
      new RequestImage("a.png", null, 1, 1, new byte[] {1, 2, 3}, 4, 5, new byte[] {6});
  private static final Completion COMPLETION =
      new Completion(
          "a",
          new byte[] {1},
          "text",
          FinishReason.LENGTH,
          1,
          2,
          3,
          "digest",
          null,
          new RecordHeader[] {new RecordHeader("h", new byte[] {9})});
  private static final StatsReport STATS =
      new StatsReport("a", null, 1, 2, 1, 7, 3, 4, 5, 6, 7, 8, 9.5, "digest", false);
  private static final Failure FAILURE =
      new Failure(
          "a", ORIGIN, FailureKind.TIMEOUT, FailureStage.GENERATE, "late", "X", "job", 1, 2, 3L);

  static Stream<Object> records() {
    return Stream.of(
        ORIGIN,
        RecordOrigin.ofValue(null),
        new InferenceRequest(
            "a",
            "👋 \u0000",
            new RequestImage[] {IMAGE, RequestImage.ofBytes(new byte[] {-1})},
            new RequestOverrides(0.5f, 1f, 2, 3, 4L),
            ORIGIN,
            null),
        new InferenceRequest(
            "a",
            "b",
            null,
            new RequestOverrides(
                null,
                null,
                null,
                null,
                null,
                new String[] {"s"},
                new int[] {1},
                0.5f,
                null,
                1.5f,
                true,
                "{}",
                "json_schema"),
            null,
            null,
            null,
            new int[] {0, 1},
            new RequestMessage[] {
              RequestMessage.of("user", "é"),
              new RequestMessage("user", new String[] {null, "text", null})
            }),
        InferenceRequest.of("a", ""),
        InferenceRequest.of("a", "").withImages(RequestImage.ofReference("b.png")),
        new InferenceRequest(
            "a",
            null,
            null,
            null,
            null,
            new Rejection(FailureKind.MALFORMED, FailureStage.PARSE, "bad", null)),
        COMPLETION,
        new Completion("a", null, "text", FinishReason.STOP, 1, 2, 0, "digest", "v2", null),
        STATS,
        new StatsReport("a", null, 0, 1, 1, 0, 2, 0, 0, 0, 0, 0, 0, "digest", true),
        FAILURE,
        new Failure(
            "a",
            null,
            FailureKind.GENERATION_FAILED,
            FailureStage.GENERATE,
            "m",
            "X",
            "j",
            0,
            0,
            0,
            3),
        InferenceRequest.of("a", "b").withModel("small"),
        new Failure("a", null, FailureKind.FATAL, FailureStage.PARSE, "m", null, null, 0, 0, 0),
        Outcome.completed(COMPLETION, STATS),
        Outcome.failed(FAILURE));
  }

  @ParameterizedTest
  @MethodSource("records")
  void shouldTravelAsPojoWithoutLoss(Object record) throws Exception {
    TypeInformation<Object> type = typeOf(record);
    assertThat(type).isInstanceOf(PojoTypeInfo.class);
    SerializerConfigImpl config = new SerializerConfigImpl();
    config.setGenericTypes(false);
    TypeSerializer<Object> serializer = type.createSerializer(config);

    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(record, out);
    Object read = serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));

    assertThat(read).usingRecursiveComparison().isEqualTo(record);
    assertThat(serializer.copy(record)).usingRecursiveComparison().isEqualTo(record);
  }

  @SuppressWarnings("unchecked") // the class of an object is a class of its type
  private static TypeInformation<Object> typeOf(Object record) {
    return TypeInformation.of((Class<Object>) record.getClass());
  }
}
