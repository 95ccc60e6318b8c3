package io.github.flinkexecutorch.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.audio.Audio;
import io.github.flinkexecutorch.llm.image.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What ExecuTorch's own runner generated greedily for a multimodal prompt, or for several in a row
 * without a reset between them.
 */
record MediaGoldens(String id, List<Turn> turns) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  record Turn(List<MultimodalInput> inputs, List<Integer> tokens, String text) {}

  /** The goldens of an artifact, with the images and the audio features that lie beside them. */
  static List<MediaGoldens> of(Path folder) {
    return read(folder, MediaGoldens::parse);
  }

  /** Reads one line of a golden file. */
  interface Parser<T> {
    T parse(JsonNode golden, Path folder) throws IOException;
  }

  /** The goldens of an artifact, one a line; never none. */
  static <T> List<T> read(Path folder, Parser<T> parser) {
    try {
      List<T> all = new ArrayList<>();
      for (String line : Files.readAllLines(folder.resolve("goldens.jsonl"))) {
        all.add(parser.parse(MAPPER.readTree(line), folder));
      }
      if (all.isEmpty()) {
        throw new IllegalStateException("No goldens in " + folder);
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return id;
  }

  private static MediaGoldens parse(JsonNode golden, Path folder) throws IOException {
    List<Turn> turns = new ArrayList<>();
    for (JsonNode turn : golden.has("turns") ? golden.required("turns") : List.of(golden)) {
      List<MultimodalInput> inputs = new ArrayList<>();
      for (JsonNode input : turn.required("inputs")) {
        inputs.add(input(input, folder));
      }
      turns.add(new Turn(inputs, ids(turn.required("tokens")), turn.required("text").asText()));
    }
    return new MediaGoldens(golden.required("id").asText(), turns);
  }

  private static MultimodalInput input(JsonNode input, Path folder) throws IOException {
    if (input.has("text")) {
      return MultimodalInput.makeTextInput(input.required("text").asText());
    }
    if (input.has("tokens")) {
      int[] tokens = ids(input.required("tokens")).stream().mapToInt(Integer::intValue).toArray();
      return MultimodalInput.makeTokenInput(tokens);
    }
    if (input.has("image")) {
      return MultimodalInput.makeImageInput(image(input.required("image"), folder));
    }
    return MultimodalInput.makeAudioInput(audio(input.required("audio"), folder));
  }

  private static Image image(JsonNode image, Path folder) throws IOException {
    int width = image.required("width").asInt();
    int height = image.required("height").asInt();
    int channels = image.required("channels").asInt();
    Path file = folder.resolve(image.required("file").asText());
    return file.toString().endsWith(".u8")
        ? Image.ofBytes(Files.readAllBytes(file), width, height, channels)
        : Image.ofFloats(floats(file), width, height, channels);
  }

  /** Audio features from {@code file, batch, bins, frames}. */
  static Audio audio(JsonNode audio, Path folder) throws IOException {
    return Audio.ofFloats(
        floats(folder.resolve(audio.required("file").asText())),
        audio.required("batch").asInt(),
        audio.required("bins").asInt(),
        audio.required("frames").asInt());
  }

  static List<Integer> ids(JsonNode array) {
    List<Integer> ids = new ArrayList<>();
    array.forEach(id -> ids.add(id.asInt()));
    return ids;
  }

  private static float[] floats(Path file) throws IOException {
    var values =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    float[] floats = new float[values.remaining()];
    values.get(floats);
    return floats;
  }
}
