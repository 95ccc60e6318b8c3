package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import io.github.flinkexecutorch.llm.image.ImageProcessor;
import io.github.flinkexecutorch.llm.image.ImageProcessorConfig;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The examples of upstream's README in Java. What lies between the markers stands in
 * docs/llm-runner.md, held to this by {@link RunnerPageTest}.
 */
final class SeedExamples {
  private SeedExamples() {}

  static void textRunner(Path folder) {
    // text {
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(folder.resolve("tokenizer.json"));
        TextLLMRunner runner =
            LLMRunners.createTextLLMRunner(folder.resolve("model.pte"), tokenizer)) {
      GenerationConfig config =
          GenerationConfig.builder().maxNewTokens(100).temperature(0.7f).echo(true).build();

      runner.generate("Hello, how are you?", config, System.out::print);
    }
    // }
  }

  static void multimodalRunner(Path folder, Path photo) {
    // multimodal {
    ImageProcessor processor =
        new ImageProcessor(ImageProcessorConfig.load(folder.resolve("preprocessor_config.json")));
    Image image = processor.process(new ImageDecoder().decode(photo));
    List<MultimodalInput> inputs =
        List.of(
            MultimodalInput.makeTextInput("What do you see in this image?"),
            MultimodalInput.makeImageInput(image));

    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(folder);
        MultimodalRunner runner =
            LLMRunners.createMultimodalRunner(folder.resolve("model.pte"), tokenizer)) {
      GenerationConfig config =
          GenerationConfig.builder().maxNewTokens(150).temperature(0.7f).echo(true).build();

      runner.generate(
          inputs,
          config,
          System.out::print,
          stats -> System.out.println("\nGenerated " + stats.numGeneratedTokens() + " tokens"));
    }
    // }
  }

  static void safeAccess(MultimodalInput input) {
    // access {
    if (input.isText()) {
      System.out.println(input.getText().length()); // getText throws on another kind
    }
    input.tryGetImage().ifPresent(image -> System.out.println(image.width()));
    // }
  }

  static void temperatures(TextLLMRunner runner, Consumer<String> callback) {
    // sampling {
    GenerationConfig precise = GenerationConfig.builder().temperature(0.1f).build();
    runner.generate("List the order numbers.", precise, callback);

    GenerationConfig creative = precise.toBuilder().temperature(1.2f).build();
    runner.generate("Tell a story.", creative, callback);
    // }
  }

  static void statistics(TextLLMRunner runner, GenerationConfig config) {
    // stats {
    Consumer<Stats> statsCallback =
        stats -> {
          System.out.println("Model load time: " + stats.modelLoadMs() + " ms");
          System.out.println("Inference time: " + stats.inferenceMs() + " ms");
          System.out.println("Tokens/second: " + stats.tokensPerSecond());
          System.out.println("RSS: " + ProcessMemory.rssBytes() / 1024.0 / 1024.0 + " MiB");
        };
    runner.generate("Hello", config, text -> {}, statsCallback);
    // }
  }

  static LLMMetadata metadata(Path model, Tokenizer tokenizer) {
    // metadata {
    try (TextLLMRunner runner = LLMRunners.createTextLLMRunner(model, tokenizer)) {
      LLMMetadata metadata = runner.metadata();
      System.out.println(metadata.maxContextLen() + " tokens, EOS " + metadata.eosIds());
      return metadata;
    }
    // }
  }
}
