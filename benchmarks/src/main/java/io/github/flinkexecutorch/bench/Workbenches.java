package io.github.flinkexecutorch.bench;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.FailurePolicy;
import io.github.flinkexecutorch.connector.ImageReading;
import io.github.flinkexecutorch.connector.InferenceRequest;
import io.github.flinkexecutorch.connector.InferenceStreams;
import io.github.flinkexecutorch.connector.LlmInference;
import io.github.flinkexecutorch.connector.RequestImage;
import io.github.flinkexecutorch.connector.RequestOverrides;
import io.github.flinkexecutorch.llm.engine.EngineOptions;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import io.github.flinkexecutorch.llm.engine.LLMEngine;
import io.github.flinkexecutorch.llm.engine.ModelSpec;
import io.github.flinkexecutorch.runtime.KvType;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * What a measurement opens.
 *
 * @param model a program, or a GGUF file for java-llama.cpp
 * @param tokenizer of a program
 * @param threads to compute on
 * @param sequences most prompts under way at the same time
 * @param longest tokens of the longest prompt with its completion
 * @param kvBytes for keys and values of all of them
 * @param slots parallelism of a job
 */
record Workbenches(
    Path model, Path tokenizer, int threads, int sequences, int longest, long kvBytes, int slots) {

  private static final int PAGE_TOKENS = 16;

  /** By its name on the command line. */
  Workbench open(String kind) {
    return switch (kind) {
      case "engine" -> new EngineWorkbench(engine(true), Batching.CONTINUOUS, sequences);
      case "no-prefix-cache" -> new EngineWorkbench(engine(false), Batching.CONTINUOUS, sequences);
      case "static" -> new EngineWorkbench(engine(true), Batching.STATIC, sequences);
      case "waves" -> new EngineWorkbench(engine(true), Batching.WAVES, sequences);
      case "flink" -> new FlinkWorkbench(this::ours, slots);
      case "captions" -> new FlinkWorkbench(this::captions, slots);
      case "flink-llama.cpp" -> new FlinkWorkbench(this::javaLlamaCpp, slots);
      default -> throw new IllegalArgumentException("Nothing is called '" + kind + "'");
    };
  }

  private InferenceEngine engine(boolean prefixCache) {
    EngineOptions options =
        EngineOptions.DEFAULTS
            .withMaxSequences(sequences)
            .withKvCache(kvBytes, PAGE_TOKENS, KvType.FLOAT)
            .withPrefixCache(prefixCache);
    return LLMEngine.open(ModelSpec.of(model, tokenizer).withPool(threads), options, "bench");
  }

  private DataStream<Tokens> ours(DataStream<Prompt> prompts) {
    LlmInference inference = inference().capacity(Math.max(1, 2 * sequences / slots)).build();
    return tokens(
        inference.apply(prompts.map(Workbenches::request).returns(InferenceRequest.class)));
  }

  /** Prompts are paths of images. */
  private DataStream<Tokens> captions(DataStream<Prompt> images) {
    Configuration reading = new Configuration();
    reading.set(ExecuTorchOptions.MODEL_PATH, model.toString());
    reading.set(ExecuTorchOptions.IMAGE_ROOTS, List.of("/"));
    LlmInference inference =
        inference().capacity(sequences == 1 ? 1 : 2 * sequences / slots).build();
    return tokens(
        inference.apply(
            new ImageReading(reading)
                .apply(images.map(Workbenches::image).returns(InferenceRequest.class))));
  }

  private LlmInference.Builder inference() {
    return LlmInference.builder()
        .model(model.toString())
        .tokenizer(tokenizer.toString())
        .option(ExecuTorchOptions.MODEL_THREADING, Threading.POOL)
        .option(ExecuTorchOptions.MODEL_POOL_THREADS, threads)
        .option(ExecuTorchOptions.ENGINE_MAX_SEQUENCES, sequences)
        .option(ExecuTorchOptions.ENGINE_KV_CACHE_SIZE, new MemorySize(kvBytes))
        .option(ExecuTorchOptions.ENGINE_PAGE_TOKENS, PAGE_TOKENS)
        .failurePolicy(FailurePolicy.FAIL)
        .temperature(0);
  }

  private static DataStream<Tokens> tokens(InferenceStreams results) {
    return results
        .completions()
        .map(done -> new Tokens(done.promptTokens(), done.generatedTokens()))
        .returns(Tokens.class);
  }

  private static RequestOverrides atMost(int newTokens) {
    return new RequestOverrides(0f, null, null, newTokens, null);
  }

  private static InferenceRequest request(Prompt prompt) {
    return InferenceRequest.of("bench", prompt.prompt(), atMost(prompt.newTokens()));
  }

  private static InferenceRequest image(Prompt image) {
    return InferenceRequest.of(image.prompt(), "<image>", atMost(image.newTokens()))
        .withImages(RequestImage.ofReference(image.prompt()));
  }

  private DataStream<Tokens> javaLlamaCpp(DataStream<Prompt> prompts) {
    LlamaCppFunction function = new LlamaCppFunction(model.toString(), sequences, longest, threads);
    return AsyncDataStream.unorderedWait(prompts, function, 1, TimeUnit.DAYS, sequences);
  }
}
