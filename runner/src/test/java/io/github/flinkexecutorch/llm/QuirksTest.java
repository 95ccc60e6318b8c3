package io.github.flinkexecutorch.llm;

import static io.github.flinkexecutorch.llm.Compatibility.FIXED;
import static io.github.flinkexecutorch.llm.Compatibility.UPSTREAM;
import static io.github.flinkexecutorch.llm.FakeTokenizer.BOS;
import static io.github.flinkexecutorch.llm.FakeTokenizer.EOS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Text runners: both answers to each quirk. {@link MultimodalQuirksTest} has the others. */
class QuirksTest {
  private static final GenerationConfig GREEDY = GenerationConfig.greedy();
  private static final GenerationConfig ONE = GREEDY.toBuilder().maxNewTokens(1).build();
  private static final int SLOW_MS = 300;

  @Test
  void shouldShowEachQuirkInATest() {
    Set<Quirk> shown = EnumSet.noneOf(Quirk.class);
    for (Class<?> tests : List.of(QuirksTest.class, MultimodalQuirksTest.class)) {
      for (var method : tests.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Shows.class)) {
          shown.add(method.getAnnotation(Shows.class).value());
        }
      }
    }
    assertThat(shown).containsExactlyInAnyOrder(Quirk.values());
  }

  @Test
  @Shows(Quirk.BOS_FROM_TOKENIZER_ONLY)
  void shouldTakeTheModelsBosOnlyWhenFixed() {
    var config = GREEDY.toBuilder().numBos(1).maxNewTokens(1).build();
    var module = FakeModule.repeating('x').constant("get_bos_id", EValue.of(7));

    new TextLLMRunner(module, new FakeTokenizer(false), "forward", FIXED).generate("a", config);
    new TextLLMRunner(module, new FakeTokenizer(true), "forward", UPSTREAM).generate("a", config);

    assertThat(module.executions()).containsExactly(List.of(7, (int) 'a'), List.of(BOS, (int) 'a'));
  }

  @Test
  @Shows(Quirk.EOS_REPLACED_BY_MODEL)
  void shouldEndAtTheTokenizersEosToo() {
    var config = GREEDY.toBuilder().maxNewTokens(3).build();
    var answer = new int[] {'a', EOS, '.'};

    assertThat(run(FIXED, withEosIds(answer), config).tokens()).containsExactly((int) 'a', EOS);
    assertThat(run(UPSTREAM, withEosIds(answer), config).tokens())
        .containsExactly((int) 'a', EOS, (int) '.');
  }

  @Test
  @Shows(Quirk.BOS_COUNT_IS_A_FLAG)
  void shouldPutAsManyBosAsAskedForInFront() {
    var config = GREEDY.toBuilder().numBos(2).maxNewTokens(1).build();

    assertThat(executions(FIXED, config)).containsExactly(List.of(BOS, BOS, (int) 'a'));
    assertThat(executions(UPSTREAM, config)).containsExactly(List.of(BOS, (int) 'a'));
  }

  @Test
  @Shows(Quirk.TEMPERATURE_AT_MOST_ONE)
  void shouldTakeTemperaturesAboveOne() {
    var config = GenerationConfig.builder().temperature(1.5f).maxNewTokens(1).build();

    assertThat(run(FIXED, FakeModule.repeating('x'), config).tokens()).hasSize(1);
    assertThatThrownBy(() -> run(UPSTREAM, FakeModule.repeating('x'), config))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("at most 1");
  }

  @Test
  @Shows(Quirk.FIRST_TOKEN_IS_GREEDY)
  void shouldSampleTheFirstTokenLikeEveryOther() {
    // The bias would make every token a 'b'.
    var config = GREEDY.toBuilder().logitBias(Map.of((int) 'b', 100f)).maxNewTokens(2);

    assertThat(run(FIXED, FakeModule.repeating('a'), config.build()).text()).isEqualTo("bb");
    assertThat(run(UPSTREAM, FakeModule.repeating('a'), config.build()).text()).isEqualTo("ab");
  }

  @Test
  @Shows(Quirk.FIRST_TOKEN_NEVER_ENDS)
  void shouldEndAtAFirstTokenThatIsEos() {
    var config = GREEDY.toBuilder().maxNewTokens(3).build();

    assertThat(run(FIXED, FakeModule.answering("hi", EOS, 'x', 'y'), config).tokens())
        .containsExactly(EOS);
    assertThat(run(UPSTREAM, FakeModule.answering("hi", EOS, 'x', 'y'), config).tokens())
        .containsExactly(EOS, (int) 'x', (int) 'y');
  }

  @Test
  @Shows(Quirk.EOS_IS_TEXT)
  void shouldKeepTheEosTokenOutOfTheText() {
    assertThat(run(FIXED, FakeModule.answering("hi", 'x', EOS), GREEDY).text()).isEqualTo("x");
    assertThat(run(UPSTREAM, FakeModule.answering("hi", 'x', EOS), GREEDY).text())
        .isEqualTo("x<eos>");
  }

  @Test
  @Shows(Quirk.FIRST_TOKEN_IS_NOT_COUNTED)
  void shouldCountEveryGeneratedToken() {
    var config = GREEDY.toBuilder().maxNewTokens(4).build();

    assertThat(run(FIXED, FakeModule.repeating('x'), config).stats().numGeneratedTokens())
        .isEqualTo(4);
    assertThat(run(UPSTREAM, FakeModule.repeating('x'), config).stats().numGeneratedTokens())
        .isEqualTo(3);
  }

  @Test
  @Shows(Quirk.EMPTY_PROMPT_COUNTS_ALL)
  void shouldCountNoPromptTokensForAnEmptyPrompt() {
    assertThat(continued(FIXED).numPromptTokens()).isZero();
    assertThat(continued(UPSTREAM).numPromptTokens()).isEqualTo(3 + 1);
  }

  @Test
  @Shows(Quirk.AGGREGATES_RUN_ON)
  void shouldMeasureEachGenerationByItself() {
    for (Compatibility mode : Compatibility.values()) {
      var module = FakeModule.repeating('x').beforeExecution(() -> sleep(SLOW_MS));
      var runner = runner(mode, module);
      runner.generate("a", ONE);
      module.beforeExecution(() -> {});

      double second = runner.generate("a", ONE).stats().aggregateModelExecutionTimeMs();
      runner.reset();
      double afterReset = runner.generate("a", ONE).stats().aggregateModelExecutionTimeMs();

      assertThat(second >= SLOW_MS).isEqualTo(mode == UPSTREAM);
      assertThat(afterReset).isLessThan(SLOW_MS);
    }
  }

  @Test
  @Shows(Quirk.EXPLICIT_LOAD_IS_NOT_STAMPED)
  void shouldStampAnExplicitLoad() {
    assertThat(loadedBefore(FIXED).modelLoadEndMs()).isPositive();
    assertThat(loadedBefore(UPSTREAM).modelLoadEndMs()).isZero();
    assertThat(run(UPSTREAM, FakeModule.repeating(EOS), ONE).stats().modelLoadEndMs()).isPositive();
  }

  @Test
  @Shows(Quirk.ENCODE_END_IS_NOT_STAMPED)
  void shouldStampTheEndOfTokenizing() {
    assertThat(run(FIXED, FakeModule.repeating('x'), ONE).stats().tokenEncodeEndMs()).isPositive();
    assertThat(run(UPSTREAM, FakeModule.repeating('x'), ONE).stats().tokenEncodeEndMs()).isZero();
  }

  @Test
  @Shows(Quirk.STOP_IS_LOST_DURING_THE_PROMPT)
  void shouldStopDuringThePrompt() {
    assertThat(stoppedInPrompt(FIXED).finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(stoppedInPrompt(UPSTREAM).finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  @Shows(Quirk.CHUNKS_OF_MAX_SEQ_LEN)
  void shouldCutChunksThatTheProgramTakes() {
    var module = FakeModule.repeating('x').constant("get_max_seq_len", EValue.of(4)).maxTokens(3);

    assertThat(runner(FIXED, module).generate("abcd", ONE).text()).isEqualTo("x");
    assertThatThrownBy(() -> runner(UPSTREAM, module).generate("abcd", ONE))
        .isInstanceOf(ExecuTorchException.class);
  }

  @Test
  @Shows(Quirk.NO_CACHE_NO_MEMORY)
  void shouldSeeTheWholeConversationWithoutACache() {
    var module =
        FakeModule.repeating('x').withoutKvCache().constant("get_max_seq_len", EValue.of(2));
    var two = GREEDY.toBuilder().maxNewTokens(2).build();
    var fixed = runner(FIXED, module);
    fixed.generate("abc", two);
    fixed.generate("d", two);
    assertThat(texts(module)).containsExactly("ab", "abc", "abcx", "abcxd", "abcxdx");

    module.executions().clear();
    var upstream = runner(UPSTREAM, module);
    upstream.generate("abc", two);
    upstream.generate("d", two);
    assertThat(texts(module)).containsExactly("ab", "c", "abcx", "d", "dx");
  }

  @Test
  @Shows(Quirk.ROOM_IS_CHECKED_LATE)
  void shouldLetAPromptFillTheContext() {
    var full = FakeModule.repeating('x').constant("get_max_context_len", EValue.of(4));
    assertThat(runner(FIXED, full).generate("abcd", GREEDY).text()).isEqualTo("x");
    assertThatThrownBy(() -> runner(UPSTREAM, full).generate("abcd", GREEDY))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("context is 4");

    var noRoom = GREEDY.toBuilder().seqLen(3).build();
    var late = FakeModule.repeating('x');
    assertThatThrownBy(() -> runner(UPSTREAM, late).generate("abc", noRoom))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(late.executions()).hasSize(1);

    var window =
        FakeModule.repeating('x')
            .constant("get_max_seq_len", EValue.of(3))
            .constant("get_max_context_len", EValue.of(4));
    var endless = runner(UPSTREAM, window);
    endless.generate("abc", ONE);
    assertThat(endless.generate("def", ONE).tokens()).hasSize(1);
    var bounded = runner(FIXED, window);
    bounded.generate("abc", ONE);
    assertThatThrownBy(() -> bounded.generate("def", ONE))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  @Shows(Quirk.SAMPLER_READS_BEYOND_THE_ROW)
  void shouldRefuseATokenizerWithMoreIdsThanLogitsInBothModes() {
    for (Compatibility mode : Compatibility.values()) {
      assertThatThrownBy(() -> runner(mode, FakeModule.repeating('x').width(200)).load())
          .isInstanceOf(InvalidModelException.class);
    }
  }

  @Test
  @Shows(Quirk.IMAGE_LENGTH_IS_UNCHECKED)
  void shouldRefuseAnImageThatIsTooShort() {
    assertThatThrownBy(() -> Image.ofBytes(new byte[11], 2, 2, 3))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("got 11");
  }

  @Test
  @Shows(Quirk.SENTENCEPIECE_BYTES_ARE_SPELLED)
  void shouldDecodeBytePiecesToBytes() {
    try (var tokenizer = Tokenizers.load(Path.of("src/test/resources/tokenizers/byte-fallback"))) {
      assertThat(tokenizer.decode(0, tokenizer.pieceToId("<0xE2>"))).containsExactly(0xE2);
    }
  }

  @Test
  @Shows(Quirk.EOS_INDEX_IS_THE_BOS_INDEX)
  void shouldTellBeginningAndEndApart() {
    try (var tokenizer = Tokenizers.load(Goldens.TICKETS)) {
      assertThat(tokenizer.eosId()).isNotEqualTo(tokenizer.bosId());
    }
  }

  @Test
  @Shows(Quirk.RSS_IS_THE_PEAK)
  void shouldTellCurrentAndPeakMemoryApart() {
    long current = ProcessMemory.rssBytes();

    assertThat(current).isPositive();
    assertThat(ProcessMemory.peakRssBytes()).isGreaterThanOrEqualTo(current);
  }

  private static FakeModule withEosIds(int... answer) {
    return FakeModule.answering("hi", answer).constant("get_eos_ids", EValue.of(new long[] {'.'}));
  }

  private static List<List<Integer>> executions(Compatibility mode, GenerationConfig config) {
    var module = FakeModule.repeating('x');
    runner(mode, module).generate("a", config);
    return module.executions();
  }

  private static Stats continued(Compatibility mode) {
    var runner = runner(mode, FakeModule.repeating('x'));
    runner.prefill("abc", GREEDY);
    return runner.generate("", GREEDY.toBuilder().maxNewTokens(2).build()).stats();
  }

  private static Stats loadedBefore(Compatibility mode) {
    var runner = runner(mode, FakeModule.repeating('x'));
    runner.load();
    return runner.generate("a", ONE).stats();
  }

  private static GenerationResult stoppedInPrompt(Compatibility mode) {
    var module = FakeModule.repeating('x').maxTokens(2).constant("get_max_seq_len", EValue.of(2));
    var runner = runner(mode, module.constant("get_max_context_len", EValue.of(1000)));
    List<Boolean> stops = new ArrayList<>();
    module.beforeExecution(
        () -> {
          if (stops.isEmpty()) {
            stops.add(true);
            runner.stop();
          }
        });
    return runner.generate("abcdef", ONE.toBuilder().maxNewTokens(2).build());
  }

  private static List<String> texts(FakeModule module) {
    return module.executions().stream()
        .map(tokens -> Arrays.toString(tokens.stream().map(Character::toString).toArray()))
        .map(text -> text.replaceAll("[\\[\\], ]", ""))
        .toList();
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static GenerationResult run(
      Compatibility mode, FakeModule module, GenerationConfig config) {
    return runner(mode, module).generate("hi", config);
  }

  private static TextLLMRunner runner(Compatibility mode, FakeModule module) {
    return new TextLLMRunner(module, new FakeTokenizer(), "forward", mode);
  }
}
