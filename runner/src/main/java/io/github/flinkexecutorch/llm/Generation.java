package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * One prompt and its growing completion, without a model: says what to feed, chooses tokens from
 * the logits that come back, and tells when it is over. Whoever executes the model drives it.
 *
 * <p>May be made on any thread, and is then confined to one thread at a time.
 */
public final class Generation {
  private static final int[] NO_TOKENS = {};

  private final ModelProfile model;
  private final List<MultimodalInput> prompt;
  private final int promptLength;
  private final GenerationOutput output;
  private final TextTokenGenerator generator;
  private FinishReason finishReason;

  /**
   * Encodes a prompt and compiles the rules of its completion.
   *
   * @param inputs the prompt's parts
   * @param mediaLength how many positions the model takes for an input that is neither text nor
   *     tokens; throws {@link InvalidRequestException} for what it does not take at all
   * @param onText receives the completion piece by piece, in whole characters
   * @throws InvalidRequestException if the prompt is empty, does not fit or has options that cannot
   *     work
   */
  public Generation(
      ModelProfile model,
      List<MultimodalInput> inputs,
      ToIntFunction<MultimodalInput> mediaLength,
      GenerationConfig config,
      Consumer<String> onText) {
    this.model = model;
    this.output = new GenerationOutput(config, onText);
    List<MultimodalInput> whole = encode(inputs, config);
    int wholeLength = length(whole, mediaLength);
    List<MultimodalInput> fitting = PromptCut.fit(inputs, wholeLength, 0, model, config);
    this.prompt = fitting == inputs ? whole : encode(fitting, config);
    this.promptLength = length(prompt, mediaLength);
    if (promptLength == 0) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT, "The prompt is empty; there is nothing to continue");
    }
    int last = Tokenizer.UNKNOWN;
    BitSet context = new BitSet();
    for (MultimodalInput part : prompt) {
      for (int token : part.tryGetTokens().orElse(NO_TOKENS)) {
        context.set(token);
        last = token;
      }
    }
    model.context().check(promptLength, 0, config);
    GenerationRules rules = GenerationRules.of(config, model);
    int limit = model.context().maxNewTokens(config, promptLength);
    this.generator =
        new TextTokenGenerator(
            model.tokenizer(),
            rules.chooser(new Sampler(model.tokenizer().vocabSize()), context, List.of(), limit),
            rules.eosIds(),
            limit,
            output,
            model.compatibility(),
            last);
    output.recorder().promptEncoded(promptLength);
    output.recorder().promptTruncated(wholeLength - promptLength);
    if (config.echo()) {
      fitting.forEach(input -> input.tryGetText().ifPresent(onText));
    }
  }

  /** The prompt: token ids and media, in order. */
  public List<MultimodalInput> prompt() {
    return prompt;
  }

  /** Positions that the prompt takes. */
  public int promptLength() {
    return promptLength;
  }

  /** The model begins to work on this prompt. */
  public void begin() {
    output.recorder().begin();
  }

  /** Times of an execution in which it took part, by {@link System#nanoTime}. */
  public void executed(long startNanos, long endNanos) {
    output.recorder().executed(startNanos, endNanos);
  }

  /** The whole prompt is in the model. */
  public void promptEvaluated() {
    output.recorder().promptEvaluated();
  }

  /**
   * Chooses the next token.
   *
   * @param logits the row of the latest position; changed
   * @return whether {@link #latest()} is to be fed, and another token chosen; if not, {@link
   *     #result} has the completion
   */
  public boolean accept(float[] logits) {
    finishReason = generator.next(logits);
    return finishReason == null;
  }

  /** The token chosen last. */
  public int latest() {
    return generator.latest();
  }

  /** Tokens chosen so far. */
  public int size() {
    return output.size();
  }

  /** The completion, which is then over: cut off as cancelled unless it came to its own end. */
  public GenerationResult result() {
    FinishReason reason = finishReason == null ? FinishReason.CANCELLED : finishReason;
    return output.finish(reason, model.loadTimes());
  }

  private static int length(
      List<MultimodalInput> prompt, ToIntFunction<MultimodalInput> mediaLength) {
    int length = 0;
    for (MultimodalInput part : prompt) {
      length += part.isTokens() ? part.getTokens().length : mediaLength.applyAsInt(part);
    }
    return length;
  }

  private List<MultimodalInput> encode(List<MultimodalInput> inputs, GenerationConfig config) {
    List<MultimodalInput> parts = new ArrayList<>();
    int bos = config.numBos();
    int eos = config.numEos();
    for (MultimodalInput input : inputs) {
      if (input.isText()) {
        int[] tokens = model.encoder().encode(input, bos, eos);
        parts.add(MultimodalInput.makeTokenInput(tokens));
        eos = 0; // behind the first text, as the runners do
      } else if (input.isTokens()) {
        parts.add(input);
      } else {
        if (bos > 0) {
          parts.add(MultimodalInput.makeTokenInput(model.encoder().bos(bos)));
        }
        parts.add(input);
      }
      bos = 0;
    }
    return parts;
  }
}
