package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Puts images and sounds where a prompt has their placeholders, such as {@code <image>}.
 *
 * <p>A placeholder itself is left out; what the encoder gives stands instead of it.
 */
public final class MediaPlaces {
  private final Map<String, List<MultimodalInput>> media;

  /**
   * @param media what is to come, in order, by the placeholders where it belongs
   */
  public MediaPlaces(Map<String, List<MultimodalInput>> media) {
    this.media =
        media.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> List.copyOf(e.getValue())));
    if (media.containsKey("")) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER, "A placeholder of images or sounds must not be empty");
    }
  }

  /**
   * The parts of a prompt, texts and media, in order.
   *
   * @throws InvalidRequestException if there are more or fewer placeholders than media
   */
  public List<MultimodalInput> fill(String prompt) {
    return fill(
        prompt,
        new BitSet(),
        (start, end) -> MultimodalInput.makeTextInput(prompt.substring(start, end)));
  }

  /** As above, of a prompt of which it is known what the request brought. */
  public List<MultimodalInput> fill(PromptText prompt) {
    return fill(
        prompt.text(),
        new BitSet(),
        (start, end) -> MultimodalInput.makeTextInput(prompt.part(start, end)));
  }

  /** Makes an input of a run of the prompt, which is never empty. */
  interface Run {
    MultimodalInput input(int start, int end);
  }

  /** As above; characters in {@code content} make no placeholder. */
  List<MultimodalInput> fill(String prompt, BitSet content, Run run) {
    List<MultimodalInput> parts = new ArrayList<>();
    Map<String, Integer> used = new HashMap<>();
    int start = 0;
    for (int at = 0; at < prompt.length(); ) {
      String placeholder = at(prompt, at, content);
      if (placeholder == null) {
        at++;
        continue;
      }
      if (at > start) {
        parts.add(run.input(start, at));
      }
      int place = used.merge(placeholder, 1, Integer::sum);
      if (place <= media.get(placeholder).size()) {
        parts.add(media.get(placeholder).get(place - 1));
      }
      at += placeholder.length();
      start = at;
    }
    if (start < prompt.length()) {
      parts.add(run.input(start, prompt.length()));
    }
    media.forEach(
        (placeholder, inputs) ->
            requireAll(placeholder, used.getOrDefault(placeholder, 0), inputs));
    return parts;
  }

  /** The longest placeholder that begins here, null if none does. */
  private String at(String prompt, int at, BitSet content) {
    String longest = null;
    for (String placeholder : media.keySet()) {
      if (prompt.startsWith(placeholder, at)
          && content.get(at, at + placeholder.length()).isEmpty()
          && (longest == null || placeholder.length() > longest.length())) {
        longest = placeholder;
      }
    }
    return longest;
  }

  private static void requireAll(String placeholder, int places, List<MultimodalInput> inputs) {
    if (places != inputs.size()) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER,
          "The prompt has the placeholder %s %d times; images or sounds given for it: %d"
              .formatted(placeholder, places, inputs.size()));
    }
  }
}
