package io.github.flinkexecutorch.bench;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/**
 * java-llama.cpp as one would call it from a job: one model a subtask, as many parallel slots as
 * prompts may be under way, and a thread that waits for each of them.
 */
final class LlamaCppFunction extends RichAsyncFunction<Prompt, Tokens> {
  private static final long serialVersionUID = 1L;

  private final String model;
  private final int sequences;
  private final int longest;
  private final int threads;

  private transient LlamaModel llama;
  private transient ExecutorService callers;

  /**
   * @param longest tokens of the longest prompt with its completion
   */
  LlamaCppFunction(String model, int sequences, int longest, int threads) {
    this.model = model;
    this.sequences = sequences;
    this.longest = longest;
    this.threads = threads;
  }

  @Override
  public void open(OpenContext context) {
    llama =
        new LlamaModel(
            new ModelParameters()
                .setModel(model)
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setParallel(sequences)
                .setCtxSize(sequences * longest)
                .disableLog());
    callers = Executors.newFixedThreadPool(sequences);
  }

  @Override
  public void asyncInvoke(Prompt prompt, ResultFuture<Tokens> result) {
    var unused =
        CompletableFuture.runAsync(() -> generate(prompt), callers)
            .whenComplete(
                (nothing, failure) -> {
                  if (failure == null) {
                    result.complete(List.of(new Tokens(prompt.promptTokens(), prompt.newTokens())));
                  } else {
                    result.completeExceptionally(failure);
                  }
                });
  }

  @Override
  public void close() {
    if (callers != null) {
      callers.shutdownNow();
    }
    if (llama != null) {
      llama.close();
    }
  }

  private void generate(Prompt prompt) {
    llama.complete(
        new InferenceParameters(prompt.prompt())
            .setNPredict(prompt.newTokens())
            .setTemperature(0)
            .setIgnoreEos(true)
            .setCachePrompt(true));
  }
}
