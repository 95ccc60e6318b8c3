package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.Cancellation;
import io.github.flinkexecutorch.llm.ChatEncoder;
import io.github.flinkexecutorch.llm.Compatibility;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.IRunner;
import io.github.flinkexecutorch.llm.LLMRunners;
import io.github.flinkexecutorch.llm.ModelInspection;
import io.github.flinkexecutorch.llm.ModelKind;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.RunnerOptions;
import io.github.flinkexecutorch.llm.cli.MediaArguments.Media;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.ExecuTorchRuntime;
import io.github.flinkexecutorch.runtime.Threading;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Generates from one prompt and streams the completion. */
@Command(
    name = "run",
    sortOptions = false,
    header = "Generates from a prompt.",
    description = {
      "The completion is written to the standard output while it grows, the statistics to the "
          + "standard error. Ctrl-C stops the generation and keeps both."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Done.",
      "1:The model or the prompt does not work; one message says why.",
      "2:The arguments are wrong."
    })
final class RunCommand implements Callable<Integer> {
  private final Optional<InputStream> piped;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "The model (.pte).")
  private Path model;

  @Mixin private ModelArguments files;
  @Mixin private PromptArguments prompt;
  @Mixin private MediaArguments media;
  @Mixin private ChatArguments chat;
  @Mixin private GrammarArguments grammar;
  @Mixin private GenerationArguments generation;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "forward",
      description = "The decoder's name, in text models with several. Default: ${DEFAULT-VALUE}.")
  private String method;

  @Option(
      names = "--compat",
      description = "Do as ExecuTorch's own runner does also where that behaves oddly.")
  private boolean compat;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that compute; if not given, as many as the machine has fast cores, but no more"
              + " than this process may use.")
  private Integer threads;

  @Option(
      names = "--warmup",
      description =
          "Generate once before, unseen, so that the statistics are those of a warm model.")
  private boolean warmup;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description = "Generate this many times, each from the beginning. Default: ${DEFAULT-VALUE}.")
  private int repeat;

  @Mixin private ResultArguments results;

  RunCommand(Optional<InputStream> piped) {
    this.piped = piped;
  }

  @Override
  public Integer call() {
    if (repeat < 1) {
      throw new ParameterException(spec.commandLine(), "--repeat must be >= 1; got " + repeat);
    }
    Threading threading = threading();
    GenerationConfig config = config();
    media.check(spec.commandLine());
    chat.check(spec.commandLine(), config);
    String text = media.given() && !prompt.given() ? "" : prompt.read(spec.commandLine(), piped);
    ModelInspection found = ModelInspection.of(model, files.dataFiles());
    try (StopOnExit exit = new StopOnExit();
        Tokenizer tokenizer = files.openTokenizer(model);
        IRunner runner = openRunner(found, tokenizer, threading)) {
      generate(runner, inputs(found, tokenizer, text), config, exit.cancellation());
    }
    return 0;
  }

  private GenerationConfig config() {
    GenerationConfig config = generation.config(spec.commandLine());
    return grammar.apply(spec.commandLine(), config).toBuilder()
        .logprobs(results.logprobs(spec.commandLine()))
        .build();
  }

  private List<MultimodalInput> inputs(ModelInspection found, Tokenizer tokenizer, String text) {
    List<Media> given = media.read(found, files.dataFiles());
    if (chat.wanted()) {
      ChatEncoder encoder = new ChatEncoder(files.loadChatTemplate(model), tokenizer);
      return chat.inputs(spec.commandLine(), encoder, given, text);
    }
    return MediaArguments.place(given, text);
  }

  private void generate(
      IRunner runner,
      List<MultimodalInput> inputs,
      GenerationConfig config,
      Cancellation cancellation) {
    ResultWriter writer = results.writer(spec.commandLine());
    if (warmup) {
      GenerationConfig warming = config.toBuilder().warming(true).echo(false).build();
      runner.generate(inputs, warming, piece -> {}, cancellation);
    }
    for (int i = 0; i < repeat && !cancellation.isCancelled(); i++) {
      runner.reset();
      GenerationResult result = runner.generate(inputs, config, writer::piece, cancellation);
      writer.end(result);
    }
  }

  private Threading threading() {
    if (threads == null) {
      return Threading.POOL;
    }
    if (threads < 1) {
      throw new ParameterException(spec.commandLine(), "--threads must be >= 1; got " + threads);
    }
    if (threads == 1) {
      return Threading.INLINE;
    }
    ExecuTorchRuntime.setPoolThreads(threads);
    return Threading.POOL;
  }

  private IRunner openRunner(ModelInspection found, Tokenizer tokenizer, Threading threading) {
    RunnerOptions options =
        RunnerOptions.DEFAULTS
            .withDataFiles(files.dataFiles())
            .withThreading(threading)
            .withMethod(method)
            .withCompatibility(compat ? Compatibility.UPSTREAM : Compatibility.FIXED);
    if (compat && found.kind() == ModelKind.SEQ2SEQ) {
      throw new ParameterException(
          spec.commandLine(), "--compat does nothing for encoder-decoder models");
    }
    return LLMRunners.createRunner(model, tokenizer, options);
  }
}
