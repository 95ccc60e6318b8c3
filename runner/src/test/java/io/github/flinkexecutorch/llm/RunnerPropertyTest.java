package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * 200 random requests on real programs of eight forms: however the prompt is cut and the
 * conversation goes, the same request gives the same tokens. The number of a case is its seed.
 */
@Tag("native")
class RunnerPropertyTest {
  private static final Path CONFORMANCE = Goldens.OPTIMUM_LLAMA.getParent();
  private static final List<Path> MODELS =
      List.of(
          Goldens.TICKETS,
          CONFORMANCE.resolve("llama2-no-cache"),
          CONFORMANCE.resolve("llama2-static"),
          CONFORMANCE.resolve("llama3"),
          CONFORMANCE.resolve("llama3-prefill-decode"),
          CONFORMANCE.resolve("gemma3"),
          CONFORMANCE.resolve("lfm2"),
          CONFORMANCE.resolve("qwen3"));
  private static final String[] WORDS =
      "the order of my new lamp did not come in time ; please send it again : 12345 !".split(" ");
  private static final Map<Path, TextLLMRunner> RUNNERS = new HashMap<>();
  private static final Map<Path, Tokenizer> TOKENIZERS = new HashMap<>();

  static IntStream cases() {
    return IntStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldAnswerTheSameHoweverTheConversationGoes(int number) {
    Path model = MODELS.get(number % MODELS.size());
    Tokenizer tokenizer = TOKENIZERS.computeIfAbsent(model, Tokenizers::load);
    TextLLMRunner runner =
        RUNNERS.computeIfAbsent(
            model, path -> LLMRunners.createTextLLMRunner(path.resolve("model.pte"), tokenizer));
    SplittableRandom random = new SplittableRandom(number);
    int[] prompt = tokenizer.encode(text(random), 0, 0);
    GenerationConfig config = config(random);
    GenerationResult expected = fresh(runner, List.of(prompt), config);

    assertSame(fresh(runner, pieces(prompt, random), config), expected);
    prefillThenGenerate(runner, prompt, config, random, expected);
    stopThenGenerate(runner, prompt, config, random, expected);
    refuseThenGenerate(runner, prompt, config, expected);
    secondTurn(runner, prompt, config, random);
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldRefuseEverythingAfterAFailureUntilReset(Path model) {
    try (Tokenizer tokenizer = Tokenizers.load(model);
        TextLLMRunner runner =
            LLMRunners.createTextLLMRunner(model.resolve("model.pte"), tokenizer)) {
      GenerationConfig config = GenerationConfig.greedy().toBuilder().maxNewTokens(4).build();
      GenerationResult expected = runner.generate("the order", config);
      runner.addLogitProcessor(
          logits -> Arrays.fill(logits, Float.NEGATIVE_INFINITY)); // nothing can be chosen

      runner.reset();
      assertThatThrownBy(() -> runner.generate("the order", config))
          .isInstanceOf(ExecuTorchException.class);
      runner.clearLogitProcessors();
      assertThatThrownBy(() -> runner.generate("the order", config))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("reset()");
      assertThatThrownBy(() -> runner.prefill("the order", config))
          .isInstanceOf(IllegalStateException.class);
      runner.reset();
      assertSame(runner.generate("the order", config), expected);
    }
  }

  static List<Path> models() {
    return MODELS;
  }

  @AfterAll
  static void closeAll() {
    RUNNERS.values().forEach(TextLLMRunner::close);
    TOKENIZERS.values().forEach(Tokenizer::close);
  }

  private static void prefillThenGenerate(
      TextLLMRunner runner,
      int[] prompt,
      GenerationConfig config,
      SplittableRandom random,
      GenerationResult expected) {
    runner.reset();
    List<int[]> pieces = pieces(prompt, random);
    int prefilled = random.nextInt(pieces.size() + 1);
    for (int[] piece : pieces.subList(0, prefilled)) {
      runner.prefill(List.of(MultimodalInput.makeTokenInput(piece)), config);
    }
    assertSame(generate(runner, pieces.subList(prefilled, pieces.size()), config), expected);
  }

  private static void stopThenGenerate(
      TextLLMRunner runner,
      int[] prompt,
      GenerationConfig config,
      SplittableRandom random,
      GenerationResult expected) {
    int stopAfter = random.nextInt(6);
    List<String> streamed = new ArrayList<>();
    runner.reset();
    GenerationResult stopped =
        runner.generate(
            inputs(List.of(prompt)),
            config,
            piece -> {
              streamed.add(piece);
              if (streamed.size() > stopAfter) {
                runner.stop();
              }
            },
            new Cancellation());
    assertThat(String.join("", streamed)).isEqualTo(stopped.text());
    assertThat(expected.tokens()).startsWith(stopped.tokens().toArray(Integer[]::new));
    if (!stopped.incomplete()) {
      requireBeginning(stopped.text(), expected.text(), config.stop());
    }
    assertSame(fresh(runner, List.of(prompt), config), expected);
  }

  /** What a stop text was waiting for comes out when the generation is stopped before it. */
  private static void requireBeginning(String text, String whole, List<String> stops) {
    if (text.length() > whole.length()) {
      String undecided = text.substring(whole.length());
      assertThat(stops).anyMatch(stop -> stop.startsWith(undecided));
      text = whole;
    }
    assertThat(whole).startsWith(text);
  }

  private static void refuseThenGenerate(
      TextLLMRunner runner, int[] prompt, GenerationConfig config, GenerationResult expected) {
    int[] tooLong = new int[runner.metadata().maxContextLen() + 1];
    MultimodalInput image = MultimodalInput.makeImageInput(Image.ofBytes(new byte[1], 1, 1, 1));
    runner.reset();
    for (List<MultimodalInput> bad :
        List.of(inputs(List.of(tooLong)), List.<MultimodalInput>of(), List.of(image))) {
      assertThatThrownBy(() -> runner.generate(bad, config, text -> {}, new Cancellation()))
          .isInstanceOf(InvalidRequestException.class);
    }
    assertSame(generate(runner, List.of(prompt), config), expected); // no reset needed
  }

  /** The last token of a turn is not fed, so a second turn sees everything before it. */
  private static void secondTurn(
      TextLLMRunner runner, int[] prompt, GenerationConfig config, SplittableRandom random) {
    GenerationResult first = fresh(runner, List.of(prompt), config);
    int[] question = {prompt[random.nextInt(prompt.length)], prompt[0]};
    GenerationResult second = generate(runner, List.of(question), config);
    int[] answer =
        first.tokens().subList(0, first.tokens().size() - 1).stream().mapToInt(i -> i).toArray();

    assertSame(second, fresh(runner, List.of(prompt, answer, question), config));
  }

  private static GenerationResult fresh(
      TextLLMRunner runner, List<int[]> tokens, GenerationConfig config) {
    runner.reset();
    return generate(runner, tokens, config);
  }

  private static GenerationResult generate(
      TextLLMRunner runner, List<int[]> tokens, GenerationConfig config) {
    return runner.generate(inputs(tokens), config, text -> {}, new Cancellation());
  }

  private static List<MultimodalInput> inputs(List<int[]> tokens) {
    return tokens.stream().map(MultimodalInput::makeTokenInput).toList();
  }

  private static void assertSame(GenerationResult actual, GenerationResult expected) {
    assertThat(actual.tokens()).isEqualTo(expected.tokens());
    assertThat(actual.text()).isEqualTo(expected.text());
    assertThat(actual.finishReason()).isEqualTo(expected.finishReason());
    assertThat(actual.incomplete()).isEqualTo(expected.incomplete());
  }

  private static List<int[]> pieces(int[] tokens, SplittableRandom random) {
    List<int[]> pieces = new ArrayList<>();
    int from = 0;
    while (from < tokens.length) {
      int to = Math.min(tokens.length, from + 1 + random.nextInt(20));
      pieces.add(Arrays.copyOfRange(tokens, from, to));
      from = to;
    }
    return pieces;
  }

  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    int words = 1 + random.nextInt(12);
    for (int i = 0; i < words; i++) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return text.toString();
  }

  private static GenerationConfig config(SplittableRandom random) {
    return GenerationConfig.builder()
        .maxNewTokens(1 + random.nextInt(10))
        .temperature(pick(random, 0f, 0.5f, 1f, 1.7f))
        .topP(pick(random, 1f, 0.9f, 0.5f))
        .topK(pick(random, 0, 1, 40))
        .seed(random.nextLong())
        .ignoreEos(random.nextBoolean())
        .repetitionPenalty(pick(random, 1f, 1.2f))
        .presencePenalty(pick(random, 0f, 0.5f))
        .frequencyPenalty(pick(random, 0f, -0.3f))
        .logitBias(random.nextBoolean() ? Map.of() : Map.of(40, 2f, 50, Float.NEGATIVE_INFINITY))
        .stop(random.nextBoolean() ? List.of() : List.of("e ", "ab"))
        .stopTokenIds(random.nextBoolean() ? List.of() : List.of(77))
        .logprobs(random.nextBoolean())
        .build();
  }

  @SafeVarargs
  private static <T> T pick(SplittableRandom random, T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
