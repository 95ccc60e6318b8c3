package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conversation of one decoder: feeds the parts of prompts, generates, and remembers. What a
 * part becomes is up to the runner.
 */
abstract sealed class ConversationRunner implements IRunner
    permits TextLLMRunner, MultimodalRunner, Seq2SeqRunner {
  private static final Logger LOG = LoggerFactory.getLogger(ConversationRunner.class);
  private static final double MIB = 1024 * 1024;

  private final ExecuTorchModule module;
  private final Tokenizer tokenizer;
  private final Compatibility compatibility;
  private final List<LogitProcessor> addedProcessors = new ArrayList<>();
  private final UpstreamStats upstreamStats = new UpstreamStats();
  private DecoderModel model;
  private LoadTimes loadTimes;
  private boolean primed;
  private boolean poisoned;
  private int lastToken = Tokenizer.UNKNOWN;
  private volatile Cancellation running;

  ConversationRunner(ExecuTorchModule module, Tokenizer tokenizer, Compatibility compatibility) {
    this.module = module;
    this.tokenizer = tokenizer;
    this.compatibility = compatibility;
  }

  /** Loads the model. */
  abstract DecoderModel open();

  /** Which prompt of a conversation it is. */
  enum Turn {
    FIRST,
    LATER,
    /** One that is not answered yet, wherever it stands. */
    PREFILL
  }

  /**
   * What the decoder is fed for these inputs.
   *
   * @throws InvalidRequestException if one of them is not for this model
   */
  abstract List<DecoderInput> encode(
      List<MultimodalInput> inputs, GenerationConfig config, Turn turn);

  /** Whether each prompt begins a conversation of its own. */
  boolean standsAlone() {
    return false;
  }

  /** Whether upstream's runner of multimodal prompts is what this one compares with. */
  boolean isMultimodal() {
    return false;
  }

  /** What is streamed of these inputs where the prompt is echoed. */
  String echoOf(List<MultimodalInput> inputs) {
    return inputs.stream()
        .flatMap(input -> input.tryGetText().stream())
        .collect(Collectors.joining());
  }

  final ExecuTorchModule module() {
    return module;
  }

  final Tokenizer tokenizer() {
    return tokenizer;
  }

  final Compatibility compatibility() {
    return compatibility;
  }

  final PromptEncoder encoder() {
    return model.profile().encoder();
  }

  @Override
  public final boolean isLoaded() {
    return model != null;
  }

  @Override
  public final void load() {
    if (model == null) {
      model = opened();
      loadTimes =
          compatibility.has(Quirk.EXPLICIT_LOAD_IS_NOT_STAMPED)
              ? LoadTimes.NOT_STAMPED
              : model.profile().loadTimes();
    }
  }

  /** What the model says of itself; loads it where needed. */
  public final LLMMetadata metadata() {
    load();
    return model.profile().metadata();
  }

  /**
   * Adds a processor of scores to all generations from now on, behind those of their options. It is
   * told of every generation's tokens one after another, and must know by itself where one ends.
   */
  public final void addLogitProcessor(LogitProcessor processor) {
    addedProcessors.add(processor);
  }

  /** Takes all added processors away. */
  public final void clearLogitProcessors() {
    addedProcessors.clear();
  }

  @Override
  public final GenerationResult generate(
      List<MultimodalInput> inputs,
      GenerationConfig config,
      Consumer<String> onText,
      Cancellation cancellation) {
    if (!compatibility.has(Quirk.STOP_IS_LOST_DURING_THE_PROMPT)) {
      running = cancellation;
    }
    try {
      return guarded(() -> answer(inputs, config, onText, cancellation));
    } finally {
      running = null;
    }
  }

  @Override
  public final int prefill(List<MultimodalInput> inputs, GenerationConfig config) {
    return guarded(
        () -> {
          load();
          StatsRecorder recorder = new StatsRecorder();
          feed(fitting(inputs, config, Turn.PREFILL, recorder), recorder, new Cancellation());
          primed = true;
          return model.sampler().likeliest(model.decoder().logits());
        });
  }

  /**
   * Generates once and forgets it, so that the next prompt finds everything loaded and in memory.
   */
  public final void warmup(String prompt, int maxNewTokens) {
    LOG.debug("Doing a warmup run...");
    generate(
        prompt,
        GenerationConfig.builder().temperature(0).maxNewTokens(maxNewTokens).warming(true).build());
    reset();
    LOG.debug("Warmup run finished!");
  }

  @Override
  public final void stop() {
    Cancellation current = running;
    if (current != null) {
      current.cancel();
    }
  }

  @Override
  public final void reset() {
    primed = false;
    poisoned = false;
    lastToken = Tokenizer.UNKNOWN;
    upstreamStats.reset();
    if (model != null) {
      model.decoder().reset();
    }
  }

  @Override
  public final void close() {
    module.close();
  }

  private GenerationResult answer(
      List<MultimodalInput> inputs,
      GenerationConfig config,
      Consumer<String> onText,
      Cancellation cancellation) {
    if (model == null) {
      load();
      loadTimes = model.profile().loadTimes();
    }
    GenerationOutput output = new GenerationOutput(config, onText);
    boolean continues = inputs.isEmpty() && continuesPrefill();
    List<DecoderInput> prompt =
        continues ? List.of() : fitting(inputs, config, turn(), output.recorder());
    GenerationRules rules = GenerationRules.of(config, model.profile());
    output.recorder().promptEncoded(length(prompt));
    String echo = config.echo() ? echoOf(inputs) : "";
    if (!echo.isEmpty()) {
      onText.accept(echo);
    }
    FinishReason reason = FinishReason.CANCELLED;
    if (feed(prompt, output.recorder(), cancellation)) {
      output.recorder().promptEvaluated();
      logMemory("prompt prefill", config);
      reason = decode(rules, cancellation, output);
    }
    GenerationResult result = output.finish(reason, loadTimes);
    if (compatibility == Compatibility.UPSTREAM) {
      result = result.withStats(upstreamStats(result.stats(), continues));
    }
    logMemory("finishing text generation", config);
    if (!config.warming() && LOG.isDebugEnabled()) {
      LOG.debug("{}", result.stats().report());
    }
    return result;
  }

  private boolean continuesPrefill() {
    return primed && !(isMultimodal() && compatibility.has(Quirk.MULTIMODAL_CONTINUES_NOTHING));
  }

  private Turn turn() {
    return model.decoder().position() == 0 ? Turn.FIRST : Turn.LATER;
  }

  /** The prompt in parts, known to fit the context. */
  private List<DecoderInput> fitting(
      List<MultimodalInput> inputs, GenerationConfig config, Turn turn, StatsRecorder recorder) {
    if (standsAlone() && model.decoder().position() > 0) {
      reset();
    }
    int position = model.decoder().position();
    List<DecoderInput> prompt = encode(inputs, config, turn);
    int length = length(prompt);
    // What the encoder of a model takes is not in the context of its decoder.
    List<MultimodalInput> fitting =
        standsAlone() ? inputs : PromptCut.fit(inputs, length, position, model.profile(), config);
    if (fitting != inputs) {
      prompt = encode(fitting, config, turn);
      recorder.promptTruncated(length - length(prompt));
      length = length(prompt);
    }
    if (length == 0) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT, "The prompt is empty; there is nothing to continue");
    }
    if (!(isMultimodal() && compatibility.has(Quirk.MULTIMODAL_CONTEXT_IS_UNCHECKED))) {
      model.profile().context().check(length, position, config);
    }
    return prompt;
  }

  private boolean feed(
      List<DecoderInput> prompt, StatsRecorder recorder, Cancellation cancellation) {
    primed = false;
    model.decoder().recordInto(recorder);
    for (DecoderInput part : prompt) {
      if (part.isTokens() && part.length() > 0) {
        lastToken = part.tokens()[part.length() - 1];
      }
      if (!model.prefiller().prefill(part, cancellation)) {
        return false;
      }
    }
    return true;
  }

  private FinishReason decode(
      GenerationRules rules, Cancellation cancellation, GenerationOutput output) {
    running = cancellation;
    int limit = model.profile().context().maxNewTokens(rules.config(), model.decoder().position());
    TextDecoderRunner decoder = model.decoder();
    TokenChooser chooser =
        rules.chooser(model.sampler(), decoder.fedTokens(), addedProcessors, limit);
    return new TextTokenGenerator(
            tokenizer, chooser, rules.eosIds(), limit, output, compatibility, lastToken)
        .generate(decoder, cancellation);
  }

  private Stats upstreamStats(Stats stats, boolean continues) {
    int position = model.decoder().position();
    int promptTokens =
        isMultimodal()
            ? position - Math.max(0, stats.numGeneratedTokens() - 1)
            : continues ? position : stats.numPromptTokens();
    return upstreamStats.of(stats, promptTokens, isMultimodal());
  }

  private DecoderModel opened() {
    try {
      return open();
    } catch (InvalidModelException e) {
      throw named(e);
    }
  }

  // What is wrong with a model is found by those who see a module only, not its file.
  private RuntimeException named(RuntimeException e) {
    String origin = module.origin();
    if (e.getMessage().contains(origin)) {
      return e;
    }
    String message = "Cannot use " + origin + ": " + e.getMessage();
    RuntimeException named =
        e instanceof ExecuTorchException of
            ? new ExecuTorchException(of.code(), message)
            : new InvalidModelException(message);
    named.initCause(e);
    return named;
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
      throw named(e);
    }
  }

  private static int length(List<DecoderInput> prompt) {
    return Math.toIntExact(prompt.stream().mapToLong(DecoderInput::length).sum());
  }

  private static void logMemory(String moment, GenerationConfig config) {
    if (!config.warming() && LOG.isDebugEnabled()) {
      LOG.debug("RSS after {}: {} MiB", moment, ProcessMemory.rssBytes() / MIB);
    }
  }
}
