package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What another version has written into a checkpoint is read by this one, with its own serializers
 * and their snapshots. So a component may be added to a record of the state, if {@code null} or 0
 * in it means what there was before, and one may be taken away.
 */
class StateEvolutionTest {
  private static final RequestImage IMAGE =
      new RequestImage("a.png", new byte[] {7}, 1, 1, new byte[] {1, 2, 3}, 4, 5, new byte[] {6});

  private static final RequestOverrides OVERRIDES =
      new RequestOverrides(
          0.5f,
          1f,
          2,
          3,
          4L,
          new String[] {"a"},
          new int[] {7},
          0.25f,
          0.5f,
          1.25f,
          true,
          "a+",
          "regex");

  private static final RequestMessage MESSAGE = RequestMessage.of("user", "b");

  /** Every record of the state of {@link LlmAsyncFunction}, with a value in each component. */
  private static final List<Record> STATE =
      List.of(
          new InferenceRequest(
              "a",
              "prompt",
              new RequestImage[] {IMAGE},
              OVERRIDES,
              RequestsInFlight.ORIGIN,
              RequestsInFlight.REJECTION,
              "model",
              new int[] {0, 6},
              new RequestMessage[] {MESSAGE}),
          IMAGE,
          MESSAGE,
          OVERRIDES,
          RequestsInFlight.ORIGIN,
          new RecordHeader("h", new byte[] {9}),
          RequestsInFlight.REJECTION);

  /** Without these a request is none: the first version had them, and every later one has. */
  private static final Map<Class<?>, Set<String>> REQUIRED =
      Map.of(
          InferenceRequest.class, Set.of("id"),
          RequestMessage.class, Set.of("role", "parts"),
          RequestImage.class, Set.of("width", "height"));

  @TempDir private Path folder;

  static Stream<Arguments> components() {
    return STATE.stream()
        .flatMap(
            state ->
                Arrays.stream(state.getClass().getRecordComponents())
                    .map(RecordComponent::getName)
                    .filter(name -> !required(state).contains(name))
                    .map(name -> Arguments.of(state, name)));
  }

  @ParameterizedTest(name = "{0} without {1}")
  @MethodSource("components")
  void shouldReadWhatAVersionWithoutAComponentWrote(Record today, String missing) throws Exception {
    Class<?> older =
        OlderVersion.ofRecord(
            today.getClass(), all -> all.stream().filter(c -> !names(c, missing)).toList(), folder);

    Object read = readAs(today.getClass(), arrayOf(older, valuesOf(today, older)));

    for (RecordComponent component : today.getClass().getRecordComponents()) {
      Object value = component.getAccessor().invoke(read);
      if (component.getName().equals(missing)) {
        assertThat(isNothing(value)).as("%s of %s", missing, read).isTrue();
      } else {
        assertThat(value)
            .usingRecursiveComparison()
            .isEqualTo(component.getAccessor().invoke(today));
      }
    }
  }

  /**
   * All but headers: Flink reads a record whose components are in the order of the alphabet in a
   * simpler way, which fails where one has gone.
   */
  static Stream<Record> state() {
    return STATE.stream().filter(state -> !(state instanceof RecordHeader));
  }

  @ParameterizedTest
  @MethodSource("state")
  void shouldReadWhatAVersionWithOneMoreComponentWrote(Record today) throws Exception {
    Class<?> other =
        OlderVersion.ofRecord(
            today.getClass(),
            all -> {
              List<String> more = new ArrayList<>(List.of("String gone"));
              more.addAll(all);
              return more;
            },
            folder);
    Object[] values = valuesOf(today, other);
    values[0] = "a value that nobody wants any more";

    assertThat(readAs(today.getClass(), arrayOf(other, values)))
        .usingRecursiveComparison()
        .isEqualTo(today);
  }

  /** Ordinals differ there, and so does what is written. */
  @ParameterizedTest
  @MethodSource("constants")
  void shouldReadConstantsOfAVersionThatHadFewerInAnotherOrder(Enum<?> constant) throws Exception {
    Class<?> today = constant.getDeclaringClass();
    List<String> names = new ArrayList<>();
    for (Object other : today.getEnumConstants()) {
      names.add(((Enum<?>) other).name());
    }
    Collections.reverse(names);
    names.remove(names.get(0).equals(constant.name()) ? 1 : 0);
    Class<?> older = OlderVersion.ofEnum(today, names, folder);

    Object array = Array.newInstance(older, 1);
    Array.set(array, 0, older.getEnumConstants()[names.indexOf(constant.name())]);

    assertThat(readAs(today, array)).isSameAs(constant);
  }

  static Stream<Enum<?>> constants() {
    return Stream.of(
        FailureKind.MALFORMED, FailureKind.FATAL, FailureStage.PARSE, FailureStage.GENERATE);
  }

  /** A type that is missing above could change without anybody knowing. */
  @Test
  void shouldKnowEveryTypeOfTheState() {
    Set<Class<?>> known = new HashSet<>(List.of(FailureKind.class, FailureStage.class));
    STATE.forEach(state -> known.add(state.getClass()));
    for (Record state : STATE) {
      for (RecordComponent component : state.getClass().getRecordComponents()) {
        Class<?> type = component.getType();
        Class<?> element = type.isArray() ? type.getComponentType() : type;
        if (element.getPackage() != null
            && element.getPackage().equals(InferenceRequest.class.getPackage())) {
          assertThat(known).contains(element);
        }
      }
    }
  }

  /** The only element of an array as today's serializers read it. */
  private static Object readAs(Class<?> today, Object array) throws IOException {
    TypeSerializer<Object> theirs = serializerOf(array.getClass());
    DataOutputSerializer out = new DataOutputSerializer(256);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, theirs.snapshotConfiguration());
    theirs.serialize(array, out);

    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    TypeSerializerSnapshot<Object> snapshot =
        TypeSerializerSnapshot.readVersionedSnapshot(in, today.getClassLoader());
    Object read = Array.get(snapshot.restoreSerializer().deserialize(in), 0);

    TypeSerializerSchemaCompatibility<Object> compatibility =
        serializerOf(today.arrayType())
            .snapshotConfiguration()
            .resolveSchemaCompatibility(snapshot);
    assertThat(compatibility.isIncompatible()).isFalse();
    assertThat(read).isInstanceOf(today);
    return read;
  }

  @SuppressWarnings("unchecked") // whatever the class is, its objects are objects
  private static TypeSerializer<Object> serializerOf(Class<?> type) {
    SerializerConfigImpl config = new SerializerConfigImpl();
    config.setGenericTypes(false);
    return (TypeSerializer<Object>) TypeInformation.of(type).createSerializer(config);
  }

  private static Object arrayOf(Class<?> type, Object[] values) throws Exception {
    Constructor<?> constructor = type.getConstructors()[0];
    Object array = Array.newInstance(type, 1);
    Array.set(array, 0, constructor.newInstance(values));
    return array;
  }

  /** Today's values for the components of another version; {@code null} for those that are new. */
  private static Object[] valuesOf(Record today, Class<?> other) throws Exception {
    RecordComponent[] components = other.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      for (RecordComponent component : today.getClass().getRecordComponents()) {
        if (component.getName().equals(components[i].getName())) {
          values[i] = component.getAccessor().invoke(today);
        }
      }
    }
    return values;
  }

  private static boolean names(String declared, String component) {
    return declared.endsWith(" " + component);
  }

  private static boolean isNothing(Object value) {
    return value == null
        || (value instanceof Number number && number.longValue() == 0)
        || (value.getClass().isArray() && Array.getLength(value) == 0);
  }

  private static Set<String> required(Record state) {
    return REQUIRED.getOrDefault(state.getClass(), Set.of());
  }
}
