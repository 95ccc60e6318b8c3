package io.github.flinkexecutorch.llm.hostile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Leaves JSON well-formed and makes what it says wrong, the same way for the same seed. */
final class JsonMutation {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<JsonNode> WRONG =
      List.of(
          NODES.nullNode(),
          NODES.numberNode(-1),
          NODES.numberNode(Long.MAX_VALUE),
          NODES.numberNode(1e300),
          NODES.textNode(""),
          NODES.textNode("(a*)*b\0\ud800"),
          NODES.booleanNode(true),
          NODES.arrayNode().add(0),
          NODES.objectNode().put("type", "Sequence"));

  private JsonMutation() {}

  static byte[] of(byte[] file, int seed) throws IOException {
    Random random = new Random(seed * 31L + file.length);
    JsonNode root = MAPPER.readTree(file);
    for (int i = 0; i <= random.nextInt(3); i++) {
      change(random.nextBoolean() ? shallow(root) : containers(root), random);
    }
    return MAPPER.writeValueAsBytes(root);
  }

  private static void change(List<JsonNode> containers, Random random) {
    JsonNode container = containers.get(random.nextInt(containers.size()));
    if (container.isEmpty()) {
      return;
    }
    int at = random.nextInt(container.size());
    JsonNode wrong = WRONG.get(random.nextInt(WRONG.size()));
    boolean remove = random.nextInt(4) == 0;
    if (container instanceof ArrayNode list) {
      if (remove) {
        list.remove(at);
      } else {
        list.set(at, wrong);
      }
    } else if (container instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      if (remove) {
        object.remove(names.get(at));
      } else {
        object.set(names.get(at), wrong);
      }
    }
  }

  /** Those that say how, not which pieces there are. */
  private static List<JsonNode> shallow(JsonNode root) {
    return containers(root).stream().filter(node -> node.size() < 20).toList();
  }

  private static List<JsonNode> containers(JsonNode root) {
    List<JsonNode> found = new ArrayList<>(List.of(root));
    for (int i = 0; i < found.size(); i++) {
      found.get(i).forEach(child -> addContainer(child, found));
    }
    return found;
  }

  private static void addContainer(JsonNode child, List<JsonNode> found) {
    if (child.isContainerNode()) {
      found.add(child);
    }
  }
}
