package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs text prompts on one loaded model, one at a time.
 *
 * <p>Where ExecuTorch's own runner behaves oddly, this one does what its options say: the first
 * token is sampled like every other and may end the generation; the end-of-sequence token is not
 * part of the text; all generated tokens are counted; prompts are cut into chunks that the program
 * really takes; a stop during the prompt is not lost; the context is never exceeded.
 */
public final class TextLLMRunner implements IRunner {
  private static final Logger LOG = LoggerFactory.getLogger(TextLLMRunner.class);

  private final ExecuTorchModule module;
  private final Tokenizer tokenizer;
  private TextModel model;
  private boolean primed;
  private boolean poisoned;
  private int lastToken = Tokenizer.UNKNOWN;
  private volatile Cancellation running;

  /**
   * A runner that loads its model with the first prompt.
   *
   * @param module the model; closed with this runner
   * @param tokenizer the model's tokenizer; may be shared with other runners, and is not closed
   */
  public TextLLMRunner(ExecuTorchModule module, Tokenizer tokenizer) {
    this.module = module;
    this.tokenizer = tokenizer;
  }

  @Override
  public boolean isLoaded() {
    return model != null;
  }

  @Override
  public void load() {
    if (model == null) {
      model = TextModel.load(module, tokenizer);
    }
  }

  /** What the model says of itself; loads it where needed. */
  public LLMMetadata metadata() {
    load();
    return model.metadata();
  }

  @Override
  public GenerationResult generate(
      String prompt, GenerationConfig config, Consumer<String> onText, Cancellation cancellation) {
    running = cancellation;
    try {
      return guarded(() -> answer(prompt, config, onText, cancellation));
    } finally {
      running = null;
    }
  }

  @Override
  public int prefill(String prompt, GenerationConfig config) {
    return guarded(
        () -> {
          load();
          feed(encode(prompt, config), new StatsRecorder(), new Cancellation());
          primed = true;
          model.sampler().start(GenerationConfig.greedy());
          return model.sampler().sample(model.decoder().logits());
        });
  }

  /**
   * Generates once and forgets it, so that the next prompt finds everything loaded and in memory.
   */
  public void warmup(String prompt, int maxNewTokens) {
    generate(
        prompt,
        GenerationConfig.builder().temperature(0).maxNewTokens(maxNewTokens).warming(true).build());
    reset();
  }

  @Override
  public void stop() {
    Cancellation current = running;
    if (current != null) {
      current.cancel();
    }
  }

  @Override
  public void reset() {
    primed = false;
    poisoned = false;
    lastToken = Tokenizer.UNKNOWN;
    if (model != null) {
      model.decoder().reset();
    }
  }

  @Override
  public void close() {
    module.close();
  }

  private GenerationResult answer(
      String prompt, GenerationConfig config, Consumer<String> onText, Cancellation cancellation) {
    load();
    GenerationOutput output = new GenerationOutput(onText);
    int[] tokens = prompt.isEmpty() && primed ? new int[0] : encode(prompt, config);
    output.recorder().promptEncoded(tokens.length);
    if (config.echo()) {
      onText.accept(prompt);
    }
    FinishReason reason = FinishReason.CANCELLED;
    if (feed(tokens, output.recorder(), cancellation)) {
      output.recorder().promptEvaluated();
      reason = decode(config, cancellation, output);
    }
    GenerationResult result = output.finish(reason, model);
    if (!config.warming() && LOG.isDebugEnabled()) {
      LOG.debug("PyTorchObserver {}", result.stats().toJson());
    }
    return result;
  }

  private int[] encode(String prompt, GenerationConfig config) {
    return model.encoder().encode(prompt, config, model.decoder().position());
  }

  private boolean feed(int[] tokens, StatsRecorder recorder, Cancellation cancellation) {
    primed = false;
    model.decoder().recordInto(recorder);
    if (tokens.length > 0) {
      lastToken = tokens[tokens.length - 1];
    }
    return model.prefiller().prefill(tokens, cancellation);
  }

  private FinishReason decode(
      GenerationConfig config, Cancellation cancellation, GenerationOutput output) {
    // A full context has no slot for another token, but the prompt's logits still give one.
    int position = model.decoder().position();
    int room = config.resolveMaxNewTokens(model.encoder().contextLength(), position);
    model.sampler().start(config);
    return new TextTokenGenerator(tokenizer, model.decoder(), model.sampler())
        .generate(lastToken, Math.max(1, room), eosIds(config), cancellation, output);
  }

  private Set<Integer> eosIds(GenerationConfig config) {
    if (config.ignoreEos()) {
      return Set.of();
    }
    if (config.stopTokenIds().isEmpty()) {
      return model.eosIds();
    }
    Set<Integer> ids = new HashSet<>(model.eosIds());
    ids.addAll(config.stopTokenIds());
    return ids;
  }

  private <T> T guarded(Supplier<T> work) {
    if (poisoned) {
      throw new IllegalStateException(
          "The runner's last execution failed, so its state is unknown; call reset() first");
    }
    try {
      return work.get();
    } catch (ExecuTorchException e) {
      poisoned = true;
      throw e;
    }
  }
}
