package io.github.flinkexecutorch.bench;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.Stats;
import io.github.flinkexecutorch.llm.engine.EngineStats;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The engine alone: text in, text out, tokenizing and sampling included. */
final class EngineWorkbench implements Workbench {
  private final InferenceEngine engine;
  private final Batching batching;
  private final int sequences;

  /**
   * @param sequences most prompts under way at the same time
   */
  EngineWorkbench(InferenceEngine engine, Batching batching, int sequences) {
    this.engine = engine;
    this.batching = batching;
    this.sequences = sequences;
  }

  @Override
  public Tokens run(List<Prompt> prompts) {
    int atOnce = batching == Batching.CONTINUOUS ? prompts.size() : sequences;
    Tokens sum = Tokens.NONE;
    for (int start = 0; start < prompts.size(); start += atOnce) {
      sum = sum.plus(runAll(prompts.subList(start, Math.min(prompts.size(), start + atOnce))));
    }
    return sum;
  }

  private Tokens runAll(List<Prompt> prompts) {
    int longest = prompts.stream().mapToInt(Prompt::newTokens).max().orElseThrow();
    List<CompletableFuture<GenerationResult>> running =
        prompts.stream()
            .map(
                prompt ->
                    submit(prompt, batching == Batching.STATIC ? longest : prompt.newTokens()))
            .toList();
    Tokens sum = Tokens.NONE;
    for (int i = 0; i < prompts.size(); i++) {
      Stats stats = running.get(i).join().stats();
      int wanted = Math.min(stats.numGeneratedTokens(), prompts.get(i).newTokens());
      sum = sum.plus(new Tokens(stats.numPromptTokens(), wanted, stats.decodeMs()));
    }
    return sum;
  }

  @Override
  public EngineStats stats() {
    return engine.stats();
  }

  private CompletableFuture<GenerationResult> submit(Prompt prompt, int newTokens) {
    GenerationConfig config =
        GenerationConfig.greedy().toBuilder().maxNewTokens(newTokens).ignoreEos(true).build();
    return engine.submit(new GenerationRequest("bench", prompt.prompt(), config, null));
  }

  @Override
  public void close() {
    engine.close();
  }
}
