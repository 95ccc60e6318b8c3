package io.github.flinkexecutorch.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Files in src/test/resources; the README there describes them. */
final class Fixtures {
  private Fixtures() {}

  static Path path(String name) {
    try {
      return Path.of(Fixtures.class.getResource("/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  static JsonNode json(String name) {
    try {
      return new ObjectMapper().readTree(path(name).toFile());
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + name, e);
    }
  }

  static Program open(String program, String... dataFiles) {
    return open(program, LoadMode.FILE, dataFiles);
  }

  static Program open(String program, LoadMode mode, String... dataFiles) {
    return Program.open(path(program), Arrays.stream(dataFiles).map(Fixtures::path).toList(), mode);
  }

  /** A tensor of a fixture: {@code dtype}, {@code sizes}, and {@code values} or a {@code seed}. */
  static Tensor tensor(JsonNode node) {
    long[] sizes = stream(node.get("sizes")).mapToLong(JsonNode::asLong).toArray();
    if (node.has("seed")) {
      return seeded(node.get("seed").asInt(), sizes);
    }
    if (node.has("visible")) {
      return mask(node.get("visible"), sizes);
    }
    return node.get("dtype").asText().equals("long")
        ? Tensor.of(stream(node.get("values")).mapToLong(JsonNode::asLong).toArray(), sizes)
        : Tensor.of(floats(node.get("values")), sizes);
  }

  static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).asDouble();
    }
    return floats;
  }

  static float[] floats(EValue value) {
    float[] floats = new float[value.toTensor().elements()];
    value.toTensor().floats().get(floats);
    return floats;
  }

  static Tensor seeded(int seed, long... sizes) {
    Tensor tensor = Tensor.zeros(ScalarType.FLOAT, sizes);
    for (int i = 0; i < tensor.elements(); i++) {
      int x = i * 0x9E3779B1 + seed * 0x85EBCA77;
      x ^= x >>> 15;
      x *= 0x2C1B3C6D;
      x ^= x >>> 12;
      tensor.floats().put(i, ((x >>> 21) - 1024) / 1024f);
    }
    return tensor;
  }

  private static Tensor mask(JsonNode visible, long[] sizes) {
    Tensor tensor = Tensor.zeros(ScalarType.FLOAT, sizes);
    int columns = (int) sizes[1];
    for (int row = 0; row < sizes[0]; row++) {
      for (int column = 0; column < columns; column++) {
        boolean seen =
            column >= visible.get(row).get(0).asInt() && column <= visible.get(row).get(1).asInt();
        tensor.floats().put(row * columns + column, seen ? 0 : Float.NEGATIVE_INFINITY);
      }
    }
    return tensor;
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
