package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
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
          int[] tokens = requireRoom(encode(prompt, config), config);
          feed(tokens, new StatsRecorder(), new Cancellation());
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
    StatsRecorder recorder = new StatsRecorder();
    int[] tokens = prompt.isEmpty() && primed ? new int[0] : encode(prompt, config);
    recorder.promptEncoded(tokens.length);
    requireRoom(tokens, config);
    if (config.echo()) {
      onText.accept(prompt);
    }
    List<Integer> generated = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    FinishReason reason = FinishReason.CANCELLED;
    if (feed(tokens, recorder, cancellation)) {
      recorder.promptEvaluated();
      reason = decode(config, onText, cancellation, recorder, generated, text);
    }
    Stats stats = recorder.toStats(model.loadStartMs(), model.loadEndMs());
    if (!config.warming()) {
      LOG.debug("PyTorchObserver {}", stats.toJson());
    }
    return new GenerationResult(text.toString(), generated, reason, stats);
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
      GenerationConfig config,
      Consumer<String> onText,
      Cancellation cancellation,
      StatsRecorder recorder,
      List<Integer> generated,
      StringBuilder text) {
    Utf8Stream utf8 = new Utf8Stream();
    Consumer<String> emit =
        piece -> {
          if (!piece.isEmpty()) {
            text.append(piece);
            onText.accept(piece);
          }
        };
    model.sampler().start(config);
    // A full context has no slot for another token, but the prompt's logits still give one.
    int position = model.decoder().position();
    int maxNewTokens = Math.max(1, config.resolveMaxNewTokens(model.contextLength(), position));
    FinishReason reason =
        new TextTokenGenerator(tokenizer, model.decoder(), model.sampler())
            .generate(
                lastToken,
                maxNewTokens,
                eosIds(config),
                cancellation,
                recorder,
                generated,
                bytes -> emit.accept(utf8.append(bytes)));
    emit.accept(utf8.finish());
    return reason;
  }

  private int[] encode(String prompt, GenerationConfig config) {
    load();
    boolean modelsBos = config.numBos() > 0 && tokenizer.bosId() == Tokenizer.UNKNOWN;
    boolean prepend = modelsBos && model.bosId() != Tokenizer.UNKNOWN;
    int[] tokens = tokenizer.encode(prompt, prepend ? 0 : config.numBos(), config.numEos());
    if (prompt.isEmpty() || tokens.length == 0) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT, "The prompt is empty; at least one token is needed");
    }
    if (!prepend) {
      return tokens;
    }
    int[] all = new int[config.numBos() + tokens.length];
    Arrays.fill(all, 0, config.numBos(), model.bosId());
    System.arraycopy(tokens, 0, all, config.numBos(), tokens.length);
    return all;
  }

  private int[] requireRoom(int[] tokens, GenerationConfig config) {
    int position = model.decoder().position();
    int end = position + tokens.length;
    if (end > model.contextLength()) {
      throw new InvalidRequestException(
          Reason.CONTEXT_OVERFLOW,
          "Prompt of "
              + tokens.length
              + " tokens does not fit: context is "
              + model.contextLength()
              + ", position "
              + position
              + ". Shorten it or export with a larger max_context_len");
    }
    if (config.seqLen() != -1 && end >= config.seqLen()) {
      throw new InvalidRequestException(
          Reason.CONTEXT_OVERFLOW,
          "Prompt of "
              + tokens.length
              + " tokens leaves no room to generate: seqLen is "
              + config.seqLen()
              + ", position "
              + position
              + ". Shorten it or raise seqLen");
    }
    return tokens;
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
