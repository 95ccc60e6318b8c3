package io.github.flinkexecutorch.llm.hostile;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.LLMRunners;
import io.github.flinkexecutorch.llm.ModelInspection;
import io.github.flinkexecutorch.llm.RunnerOptions;
import io.github.flinkexecutorch.llm.TextLLMRunner;
import io.github.flinkexecutorch.llm.audio.AudioDecoder;
import io.github.flinkexecutorch.llm.chat.ChatMessage;
import io.github.flinkexecutorch.llm.chat.ChatOptions;
import io.github.flinkexecutorch.llm.chat.ChatTemplate;
import io.github.flinkexecutorch.llm.engine.EngineOptions;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.LLMEngine;
import io.github.flinkexecutorch.llm.engine.ModelSpec;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import io.github.flinkexecutorch.llm.image.ImageProcessor;
import io.github.flinkexecutorch.llm.image.ImageProcessorConfig;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * Uses damaged files one after the other, in a process that may die of one: {@code HostileFiles
 * KIND FIRST FOLDER}. Says of each when it begins and what became of it; anything thrown but the
 * exceptions of this library's own ends the file as a {@code failed} one.
 */
public final class HostileFiles {
  private static final String PROMPT = "The Cobalt Headphones broke on the first day.";

  private final Path folder;
  private final Map<Path, Tokenizer> tokenizers = new HashMap<>();

  private HostileFiles(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException {
    HostileFiles files = new HostileFiles(Path.of(arguments[2]));
    List<HostileFile> all = HostileFile.all(FileKind.valueOf(arguments[0]));
    for (int i = Integer.parseInt(arguments[1]); i < all.size(); i++) {
      System.out.println("begin " + i);
      System.out.println("end " + i + " " + files.outcome(all.get(i)).replaceAll("\\R", " "));
    }
  }

  // Whatever is thrown is what this is about.
  private String outcome(HostileFile file) throws IOException {
    byte[] content = file.content();
    try {
      return "works " + use(file, content);
    } catch (InvalidModelException | ExecuTorchException e) {
      return "refused " + e.getMessage();
    } catch (InvalidRequestException e) {
      return "request-refused " + e.getMessage();
    } catch (Throwable e) {
      return "failed " + e + " at " + List.of(e.getStackTrace()).stream().limit(6).toList();
    }
  }

  private String use(HostileFile file, byte[] content) throws IOException {
    Path damaged = folder.resolve(file.source().getFileName().toString());
    if (!file.kind().isMedia()) {
      Files.write(damaged, content);
    }
    return switch (file.kind()) {
      case PROGRAM -> generate(damaged, dataFiles(file.path()), file.path().getParent());
      case BATCHED -> complete(damaged, file.path().resolveSibling("tokenizer.json"));
      case DATA -> {
        String name = file.source().getFileName().toString();
        String program = name.equals("weights.ptd") ? "model.pte" : name.replace(".ptd", ".pte");
        Path folderOfGood = file.path().getParent();
        yield generate(folderOfGood.resolve(program), List.of(damaged), folderOfGood);
      }
      case TOKENIZER -> encode(damaged);
      case CHAT_TEMPLATE -> render(damaged);
      case PREPROCESSOR ->
          new ImageProcessor(ImageProcessorConfig.load(damaged))
              .process(Image.ofBytes(new byte[3 * 40 * 30], 40, 30, 3))
              .toString();
      case IMAGE, BOMB -> new ImageDecoder().decode(content).toString();
      case AUDIO -> new AudioDecoder().decode(content).toString();
    };
  }

  private String generate(Path model, List<Path> dataFiles, Path good) {
    ModelInspection found = ModelInspection.of(model, dataFiles);
    found.toJson();
    String report = found.toText();
    Tokenizer tokenizer = tokenizers.computeIfAbsent(good, HostileFiles::tokenizer);
    RunnerOptions options = RunnerOptions.DEFAULTS.withDataFiles(dataFiles);
    try (TextLLMRunner runner = LLMRunners.createTextLLMRunner(model, tokenizer, options)) {
      return report.length()
          + " "
          + runner.generate(PROMPT, GenerationConfig.greedy().toBuilder().maxNewTokens(4).build());
    }
  }

  private static String complete(Path model, Path tokenizer) {
    String report = ModelInspection.of(model, List.of()).toText();
    GenerationConfig config = GenerationConfig.greedy().toBuilder().maxNewTokens(4).build();
    GenerationRequest request = GenerationRequest.of("hostile", PROMPT, config);
    try (LLMEngine engine =
        LLMEngine.open(ModelSpec.of(model, tokenizer), EngineOptions.DEFAULTS, "hostile")) {
      return report.length() + " " + engine.submit(request).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static Tokenizer tokenizer(Path folder) {
    Path found = folder.resolve("tokenizer.json");
    return Tokenizers.load(Files.exists(found) ? found : Path.of("../sample-data/tickets"));
  }

  private static List<Path> dataFiles(Path program) {
    String name = program.getFileName().toString();
    Path data =
        program.resolveSibling(
            name.equals("model.pte") ? "weights.ptd" : name.replace(".pte", ".ptd"));
    return Files.exists(data) ? List.of(data) : List.of();
  }

  private static String encode(Path file) {
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      int[] ids = tokenizer.encode(PROMPT + " \u00e9\ud83d\ude00\n\t", 1, 1);
      StringBuilder text = new StringBuilder();
      for (int id : ids) {
        text.append(new String(tokenizer.decode(id, id), StandardCharsets.UTF_8));
      }
      return ids.length + " ids, " + tokenizer.vocabSize() + " " + text.length();
    }
  }

  private String render(Path damaged) throws IOException {
    Path home = Files.createDirectories(folder.resolve("chat"));
    boolean jinja = damaged.toString().endsWith(".jinja");
    Path here = home.resolve(jinja ? "chat_template.jinja" : "tokenizer_config.json");
    Files.deleteIfExists(home.resolve(jinja ? "tokenizer_config.json" : "chat_template.jinja"));
    Files.copy(damaged, here, StandardCopyOption.REPLACE_EXISTING);
    ChatTemplate template = ChatTemplate.load(home);
    return template
            .render(
                List.of(ChatMessage.user("Hello"), ChatMessage.assistant("Hi")), ChatOptions.ANSWER)
            .length()
        + " characters";
  }
}
