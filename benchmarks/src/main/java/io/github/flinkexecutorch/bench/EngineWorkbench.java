package io.github.flinkexecutorch.bench;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.EngineStats;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The engine alone: text in, text out, tokenizing and sampling included. */
final class EngineWorkbench implements Workbench {
  private final InferenceEngine engine;
  private final int atOnce;

  /**
   * @param atOnce how many prompts to give it before waiting for all of them; {@link
   *     Integer#MAX_VALUE} leaves the batching to the engine
   */
  EngineWorkbench(InferenceEngine engine, int atOnce) {
    this.engine = engine;
    this.atOnce = atOnce;
  }

  @Override
  public Tokens run(List<Prompt> prompts) {
    Tokens sum = Tokens.NONE;
    for (int start = 0; start < prompts.size(); start += Math.min(atOnce, prompts.size())) {
      int end = Math.min(prompts.size(), start + Math.min(atOnce, prompts.size()));
      List<CompletableFuture<GenerationResult>> running =
          prompts.subList(start, end).stream().map(this::submit).toList();
      for (CompletableFuture<GenerationResult> generation : running) {
        var stats = generation.join().stats();
        sum = sum.plus(new Tokens(stats.numPromptTokens(), stats.numGeneratedTokens()));
      }
    }
    return sum;
  }

  @Override
  public EngineStats stats() {
    return engine.stats();
  }

  private CompletableFuture<GenerationResult> submit(Prompt prompt) {
    GenerationConfig config =
        GenerationConfig.greedy().toBuilder()
            .maxNewTokens(prompt.newTokens())
            .ignoreEos(true)
            .build();
    return engine.submit(new GenerationRequest("bench", prompt.prompt(), config, null));
  }

  @Override
  public void close() {
    engine.close();
  }
}
