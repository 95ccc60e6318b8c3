package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.MediaPlaces;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.PromptText;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.grammar.Grammars;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/**
 * How the operator generates unless a record says otherwise.
 *
 * @param defaults options of a request without overrides; its seed is mixed into each record's
 * @param timeLimit longest run, {@code null} for none
 * @param specialTokens whether records may spell special tokens
 * @param imageMarker where an image stands in a prompt
 * @param images how the model wants its images
 * @param maxCompletionBytes most bytes of a completion as JSON in UTF-8
 * @param crashJournal folder of the crash journals, {@code null} for none
 * @param chat how it wants conversations
 */
record GenerationSettings(
    GenerationConfig defaults,
    Duration timeLimit,
    boolean specialTokens,
    String imageMarker,
    ModelImages images,
    long maxCompletionBytes,
    String crashJournal,
    ChatPrompts chat)
    implements Serializable {

  /**
   * @throws InvalidRequestException naming the option's field that cannot work
   * @throws IllegalArgumentException if an option cannot work, or two exclude each other
   */
  static GenerationSettings from(ReadableConfig options) {
    String imageMarker = options.get(ExecuTorchOptions.IMAGE_MARKER);
    if (imageMarker.isEmpty()) {
      throw new IllegalArgumentException(
          "Option " + ExecuTorchOptions.IMAGE_MARKER.key() + " must not be empty.");
    }
    Duration timeLimit = options.get(ExecuTorchOptions.TIME_LIMIT);
    GenerationConfig.Builder config =
        GenerationConfig.builder()
            .temperature(options.get(ExecuTorchOptions.TEMPERATURE))
            .topP(options.get(ExecuTorchOptions.TOP_P))
            .topK(options.get(ExecuTorchOptions.TOP_K))
            .maxNewTokens(options.get(ExecuTorchOptions.MAX_NEW_TOKENS))
            .stop(options.get(ExecuTorchOptions.STOP))
            .stopTokenIds(options.get(ExecuTorchOptions.STOP_TOKEN_IDS))
            .presencePenalty(options.get(ExecuTorchOptions.PRESENCE_PENALTY))
            .frequencyPenalty(options.get(ExecuTorchOptions.FREQUENCY_PENALTY))
            .repetitionPenalty(options.get(ExecuTorchOptions.REPETITION_PENALTY))
            .ignoreEos(options.get(ExecuTorchOptions.IGNORE_EOS))
            .seed(options.get(ExecuTorchOptions.SEED))
            .contextOverflow(options.get(ExecuTorchOptions.CONTEXT_OVERFLOW));
    setGrammar(config, options);
    return new GenerationSettings(
        config.build(),
        timeLimit.isZero() ? null : timeLimit,
        options.get(ExecuTorchOptions.ALLOW_SPECIAL_TOKENS),
        imageMarker,
        new ModelImages(options),
        options
            .getOptional(ExecuTorchOptions.MAX_COMPLETION_SIZE)
            .map(MemorySize::getBytes)
            .orElse(Long.MAX_VALUE),
        options.get(ExecuTorchOptions.CRASH_JOURNAL_FOLDER),
        new ChatPrompts(options));
  }

  /** What a grammar cannot be is said before the job starts, and not of each record. */
  private static void setGrammar(GenerationConfig.Builder config, ReadableConfig options) {
    String schema = options.get(ExecuTorchOptions.JSON_SCHEMA);
    String regex = options.get(ExecuTorchOptions.REGEX);
    if (schema == null && regex == null) {
      return;
    }
    ConfigOption<String> option =
        schema == null ? ExecuTorchOptions.REGEX : ExecuTorchOptions.JSON_SCHEMA;
    ConfigOption<?> other =
        schema != null && regex != null
            ? ExecuTorchOptions.REGEX
            : options.get(ExecuTorchOptions.STOP).isEmpty() ? null : ExecuTorchOptions.STOP;
    if (other != null) {
      throw new IllegalArgumentException(
          "Options %s and %s exclude each other: leave one of them out."
              .formatted(option.key(), other.key()));
    }
    String type = schema == null ? Grammars.REGEX : Grammars.JSON_SCHEMA;
    Grammars.check(type, options.get(option));
    config.grammar(type, options.get(option));
  }

  /**
   * Reads what prompts need of the model's files, on the TaskManager.
   *
   * @throws io.github.flinkexecutorch.llm.InvalidModelException if they cannot be used
   */
  void load() {
    chat.load();
  }

  /**
   * What the engine shall do for a request. The first one with an image reads the model's files.
   *
   * @throws InvalidRequestException if there is no image and the prompt is blank, an image is not
   *     prepared, its prompt has another number of markers, or an override is out of its range
   */
  GenerationRequest requestFor(InferenceRequest request) {
    if (request.images().length == 0
        && request.messages().length == 0
        && request.prompt().isBlank()) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT,
          "The prompt has no characters but blanks (" + request.prompt().length() + ").");
    }
    return new GenerationRequest(request.id(), "", configFor(request), timeLimit)
        .withInputs(inputsOf(request));
  }

  private List<MultimodalInput> inputsOf(InferenceRequest request) {
    List<MultimodalInput> pictures =
        Arrays.stream(request.images())
            .map(image -> MultimodalInput.makeImageInput(images.normalized(image)))
            .toList();
    if (chat.wanted() || request.messages().length > 0) {
      return chat.inputs(request, pictures);
    }
    PromptText text = specialTokens ? request.text().withSpecialTokens() : request.text();
    if (!pictures.isEmpty() && request.prompt().contains(imageMarker)) {
      return new MediaPlaces(Map.of(imageMarker, pictures)).fill(text);
    }
    List<MultimodalInput> inputs = new ArrayList<>(pictures);
    if (!request.prompt().isEmpty()) {
      inputs.add(MultimodalInput.makeTextInput(text));
    }
    return inputs;
  }

  private GenerationConfig configFor(InferenceRequest request) {
    RequestOverrides overrides =
        request.overrides() == null ? RequestOverrides.NONE : request.overrides();
    GenerationConfig.Builder config = defaults.toBuilder();
    config.seed(RecordSeed.of(request.id(), defaults.seed()));
    overrides.applyTo(config);
    return config.build();
  }
}
