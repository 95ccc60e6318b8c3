package io.github.flinkexecutorch.llm;

import java.util.List;
import java.util.function.Consumer;

/**
 * Generates text from prompts on one model.
 *
 * <p>Confined to one thread; only {@link #stop()} may be called from another. A runner keeps its
 * conversation: a prompt continues what was prefilled and generated before, until {@link #reset()}.
 * After an {@link io.github.flinkexecutorch.runtime.ExecuTorchException} the state of the model is
 * unknown, and every call but {@code reset()} and {@code close()} is refused.
 */
public interface IRunner extends AutoCloseable {
  /** Whether the model is ready, so that the first prompt need not wait for it. */
  boolean isLoaded();

  /**
   * Loads the model; does nothing if it is loaded.
   *
   * @throws InvalidModelException if the model is not one that this runner can run, or does not fit
   *     its tokenizer
   */
  void load();

  /**
   * Generates from the parts of a prompt, in their order, loading the model first where needed.
   *
   * @param inputs what to continue; none only after {@link #prefill}
   * @param onText receives the text while it grows, in pieces of whole characters, on the calling
   *     thread; the prompt's text first if {@link GenerationConfig#echo()}
   * @param cancellation stops the generation before the next execution of the model; the result
   *     then holds what was generated so far
   * @throws InvalidRequestException before the decoder is executed, if the prompt cannot work
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if the runtime fails
   */
  GenerationResult generate(
      List<MultimodalInput> inputs,
      GenerationConfig config,
      Consumer<String> onText,
      Cancellation cancellation);

  /** As above from text, which is empty only after {@link #prefill}. */
  default GenerationResult generate(
      String prompt, GenerationConfig config, Consumer<String> onText, Cancellation cancellation) {
    return generate(inputsOf(prompt), config, onText, cancellation);
  }

  /** As above, stopped by {@link #stop()} only. */
  default GenerationResult generate(
      String prompt, GenerationConfig config, Consumer<String> onText) {
    return generate(prompt, config, onText, new Cancellation());
  }

  /** As above, without streaming. */
  default GenerationResult generate(String prompt, GenerationConfig config) {
    return generate(prompt, config, text -> {});
  }

  /** As above, with the statistics handed to a callback after the generation as well. */
  default GenerationResult generate(
      String prompt,
      GenerationConfig config,
      Consumer<String> onText,
      Consumer<Stats> onStatistics) {
    return generate(inputsOf(prompt), config, onText, onStatistics);
  }

  /** As above, from the parts of a prompt. */
  default GenerationResult generate(
      List<MultimodalInput> inputs,
      GenerationConfig config,
      Consumer<String> onText,
      Consumer<Stats> onStatistics) {
    GenerationResult result = generate(inputs, config, onText, new Cancellation());
    onStatistics.accept(result.stats());
    return result;
  }

  /**
   * Puts parts of a prompt in front of the next generation without generating. {@link #generate}
   * without inputs continues from them.
   *
   * @param config only its special-token counts matter here
   * @return the likeliest next token
   */
  int prefill(List<MultimodalInput> inputs, GenerationConfig config);

  /** As above, of text. */
  default int prefill(String prompt, GenerationConfig config) {
    return prefill(inputsOf(prompt), config);
  }

  /**
   * Stops the generation that is running, if any, before the next execution of the model. Use a
   * {@link Cancellation} where the generation may not have started yet.
   */
  void stop();

  /** Forgets the conversation, so that the next prompt stands alone. */
  void reset();

  /** Frees the model. No generation may be running. */
  @Override
  void close();

  private static List<MultimodalInput> inputsOf(String prompt) {
    return prompt.isEmpty() ? List.of() : List.of(MultimodalInput.makeTextInput(prompt));
  }
}
