package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.MediaPlaces;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ReadableConfig;

/**
 * How the operator generates unless a record says otherwise.
 *
 * @param defaults options of a request without overrides; its seed is mixed into each record's
 * @param timeLimit longest run, {@code null} for none
 * @param imageMarker where an image stands in a prompt
 * @param images how the model wants its images
 * @param crashJournal folder of the crash journals, {@code null} for none
 */
record GenerationSettings(
    GenerationConfig defaults,
    Duration timeLimit,
    String imageMarker,
    ModelImages images,
    String crashJournal)
    implements Serializable {

  /**
   * @throws InvalidRequestException naming the option's field that cannot work
   * @throws IllegalArgumentException if the image marker is empty
   */
  static GenerationSettings from(ReadableConfig options) {
    String imageMarker = options.get(ExecuTorchOptions.IMAGE_MARKER);
    if (imageMarker.isEmpty()) {
      throw new IllegalArgumentException(
          "Option " + ExecuTorchOptions.IMAGE_MARKER.key() + " must not be empty.");
    }
    Duration timeLimit = options.get(ExecuTorchOptions.TIME_LIMIT);
    return new GenerationSettings(
        GenerationConfig.builder()
            .temperature(options.get(ExecuTorchOptions.TEMPERATURE))
            .topP(options.get(ExecuTorchOptions.TOP_P))
            .topK(options.get(ExecuTorchOptions.TOP_K))
            .maxNewTokens(options.get(ExecuTorchOptions.MAX_NEW_TOKENS))
            .stop(options.get(ExecuTorchOptions.STOP))
            .presencePenalty(options.get(ExecuTorchOptions.PRESENCE_PENALTY))
            .seed(options.get(ExecuTorchOptions.SEED))
            .build(),
        timeLimit.isZero() ? null : timeLimit,
        imageMarker,
        new ModelImages(options),
        options.get(ExecuTorchOptions.CRASH_JOURNAL_FOLDER));
  }

  /**
   * What the engine shall do for a request. The first one with an image reads the model's files.
   *
   * @throws InvalidRequestException if there is no image and the prompt is blank, an image is not
   *     prepared, its prompt has another number of markers, or an override is out of its range
   */
  GenerationRequest requestFor(InferenceRequest request) {
    if (request.images().length == 0 && request.prompt().isBlank()) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT,
          "The prompt has no characters but blanks (" + request.prompt().length() + ").");
    }
    GenerationRequest text =
        new GenerationRequest(request.id(), request.prompt(), configFor(request), timeLimit);
    return request.images().length == 0 ? text : text.withInputs(inputsOf(request));
  }

  private List<MultimodalInput> inputsOf(InferenceRequest request) {
    List<MultimodalInput> pictures =
        Arrays.stream(request.images())
            .map(image -> MultimodalInput.makeImageInput(images.normalized(image)))
            .toList();
    if (request.prompt().contains(imageMarker)) {
      return new MediaPlaces(Map.of(imageMarker, pictures)).fill(request.prompt());
    }
    List<MultimodalInput> inputs = new ArrayList<>(pictures);
    if (!request.prompt().isEmpty()) {
      inputs.add(MultimodalInput.makeTextInput(request.prompt()));
    }
    return inputs;
  }

  private GenerationConfig configFor(InferenceRequest request) {
    RequestOverrides overrides =
        request.overrides() == null ? RequestOverrides.NONE : request.overrides();
    GenerationConfig.Builder config = defaults.toBuilder();
    config.seed(
        overrides.seed() == null ? RecordSeed.of(request.id(), defaults.seed()) : overrides.seed());
    if (overrides.temperature() != null) {
      config.temperature(overrides.temperature());
    }
    if (overrides.topP() != null) {
      config.topP(overrides.topP());
    }
    if (overrides.topK() != null) {
      config.topK(overrides.topK());
    }
    if (overrides.maxNewTokens() != null) {
      config.maxNewTokens(overrides.maxNewTokens());
    }
    return config.build();
  }
}
