package io.github.flinkexecutorch.llm;

import static io.github.flinkexecutorch.llm.FakeTokenizer.BOS;
import static io.github.flinkexecutorch.llm.FakeTokenizer.EOS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ScalarType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextLLMRunnerTest {
  private static final GenerationConfig GREEDY = GenerationConfig.greedy();

  @Test
  void shouldStopAtFirstEosToken() {
    var result = runnerOn(FakeModule.answering("hi", 'o', 'k', EOS, '!')).generate("hi", GREEDY);

    assertThat(result.text()).isEqualTo("ok");
    assertThat(result.tokens()).containsExactly((int) 'o', (int) 'k', EOS);
    assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(result.stats().numGeneratedTokens()).isEqualTo(3);
    assertThat(result.stats().numPromptTokens()).isEqualTo(2);
  }

  @Test
  void shouldStopAtOnceWhenTheVeryFirstTokenIsEos() {
    var module = FakeModule.answering("hi", EOS, 'x');

    var result = runnerOn(module).generate("hi", GREEDY);

    assertThat(result.text()).isEmpty();
    assertThat(result.tokens()).containsExactly(EOS);
    assertThat(module.executions()).hasSize(1);
  }

  @Test
  void shouldGoOnAfterEosWhenToldToIgnoreIt() {
    var config = GREEDY.toBuilder().ignoreEos(true).maxNewTokens(3).build();

    var result = runnerOn(FakeModule.answering("hi", EOS, 'x', 'y')).generate("hi", config);

    assertThat(result.tokens()).containsExactly(EOS, (int) 'x', (int) 'y');
    assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void shouldStopAtTheRequestsAndTheModelsOwnEndTokens() {
    var byRequest = GREEDY.toBuilder().stopTokenIds(List.of((int) ';')).build();
    var byModel =
        FakeModule.answering("hi", 'a', '.', 'b')
            .constant("get_eos_id", EValue.of('.'))
            .constant("get_eos_ids", EValue.of(new long[] {'?', '!'}));

    assertThat(runnerOn(FakeModule.answering("hi", 'a', ';', 'b')).generate("hi", byRequest).text())
        .isEqualTo("a");
    assertThat(runnerOn(byModel).generate("hi", GREEDY).text()).isEqualTo("a");
  }

  @Test
  void shouldEndWithLengthAtTheTokenLimit() {
    var config = GREEDY.toBuilder().maxNewTokens(4).build();

    var result = runnerOn(FakeModule.repeating('z')).generate("hi", config);

    assertThat(result.text()).isEqualTo("zzzz");
    assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void shouldStreamWholeCharactersOnly() {
    var pieces = new ArrayList<String>();
    int[] tokens = FakeTokenizer.ids("a\u00e4\ud83d\ude00");
    var module = FakeModule.answering("hi", append(tokens, EOS));

    var result = runnerOn(module).generate("hi", GREEDY, pieces::add);

    assertThat(pieces).containsExactly("a", "\u00e4", "\ud83d\ude00");
    assertThat(result.text()).isEqualTo("a\u00e4\ud83d\ude00");
  }

  @Test
  void shouldMarkACharacterThatTheLimitCut() {
    var config = GREEDY.toBuilder().maxNewTokens(3).build();
    var module = FakeModule.answering("hi", FakeTokenizer.ids("\ud83d\ude00"));

    assertThat(runnerOn(module).generate("hi", config).text()).isEqualTo("\uFFFD");
  }

  @Test
  void shouldStreamThePromptFirstWhenEchoing() {
    var pieces = new ArrayList<String>();
    var config = GREEDY.toBuilder().echo(true).build();

    var result = runnerOn(FakeModule.answering("hi", '!', EOS)).generate("hi", config, pieces::add);

    assertThat(pieces).containsExactly("hi", "!");
    assertThat(result.text()).isEqualTo("!");
  }

  @Test
  void shouldFeedThePromptInChunksThatTheProgramTakes() {
    var module = FakeModule.answering("abcdefgh", 'x', EOS).maxTokens(3).positionPerToken();

    assertThat(runnerOn(module).generate("abcdefgh", GREEDY).text()).isEqualTo("x");
    assertThat(module.executions().stream().map(List::size)).containsExactly(3, 3, 2, 1);
  }

  @Test
  void shouldKeepChunksBelowTheSlidingWindow() {
    var module = FakeModule.answering("abcdefgh", EOS).constant("sliding_window", EValue.of(5));

    runnerOn(module).generate("abcdefgh", GREEDY);

    assertThat(module.executions().stream().map(List::size)).containsExactly(4, 4);
  }

  @Test
  void shouldFeedOneTokenAtATimeWhenTheShapeIsStatic() {
    var module = FakeModule.answering("abc", EOS).maxTokens(1).without("enable_dynamic_shape");

    runnerOn(module).generate("abc", GREEDY);

    assertThat(module.executions().stream().map(List::size)).containsExactly(1, 1, 1);
  }

  @Test
  void shouldFeedTheWholeSequenceWhenTheProgramHasNoKvCache() {
    var module =
        FakeModule.answering("abc", 'x', 'y', EOS).withoutKvCache().logits(ScalarType.FLOAT, 3);

    assertThat(runnerOn(module).generate("abc", GREEDY).text()).isEqualTo("xy");
    assertThat(module.executions().stream().map(List::size)).containsExactly(3, 4, 5);
  }

  @Test
  void shouldReadBrainFloatLogits() {
    var module = FakeModule.answering("abc", 'x', EOS).logits(ScalarType.BFLOAT16, 3);

    assertThat(runnerOn(module).generate("abc", GREEDY).text()).isEqualTo("x");
  }

  @Test
  void shouldRefuseAnEmptyPromptBeforeAnythingIsExecuted() {
    var module = FakeModule.repeating('x');

    assertRefused(
        module,
        "",
        GREEDY,
        Reason.EMPTY_PROMPT,
        "The prompt is empty; there is nothing to continue");
  }

  @Test
  void shouldRefuseAPromptBeyondTheContextBeforeAnythingIsExecuted() {
    var module = FakeModule.repeating('x').constant("get_max_context_len", EValue.of(4));

    assertRefused(
        module,
        "abcde",
        GREEDY,
        Reason.CONTEXT_OVERFLOW,
        "Prompt of 5 tokens does not fit: context is 4, position 0. Shorten it or export with a"
            + " larger max_context_len");
  }

  @Test
  void shouldRefuseAPromptThatLeavesNoRoomInSeqLen() {
    var config = GREEDY.toBuilder().seqLen(3).build();

    assertRefused(
        FakeModule.repeating('x'),
        "abc",
        config,
        Reason.CONTEXT_OVERFLOW,
        "Prompt of 3 tokens leaves no room to generate: seqLen is 3, position 0. Shorten it or"
            + " raise seqLen");
  }

  @Test
  void shouldGenerateOneTokenWhenThePromptFillsTheContext() {
    var full = FakeModule.repeating('x').constant("get_max_context_len", EValue.of(4));
    var almost = FakeModule.repeating('x').constant("get_max_context_len", EValue.of(5));

    assertThat(runnerOn(full).generate("abcd", GREEDY).text()).isEqualTo("x");
    assertThat(runnerOn(almost).generate("abcd", GREEDY).text()).isEqualTo("x");
  }

  @Test
  void shouldContinueTheConversationUntilReset() {
    var module = FakeModule.repeating('x');
    var runner = runnerOn(module);
    var config = GREEDY.toBuilder().maxNewTokens(2).build();

    runner.generate("ab", config); // feeds a, b, x; the second x is sampled only
    runner.generate("c", config);
    runner.reset();
    runner.generate("d", config);

    assertThat(module.executions())
        .containsExactly(
            List.of((int) 'a', (int) 'b'),
            List.of((int) 'x'),
            List.of((int) 'c'),
            List.of((int) 'x'),
            List.of((int) 'd'),
            List.of((int) 'x'));
  }

  @Test
  void shouldContinueFromAPrefilledPrompt() {
    var runner = runnerOn(FakeModule.answering("abc", 'x', EOS));

    assertThat(runner.prefill("abc", GREEDY)).isEqualTo('x');
    assertThat(runner.generate("", GREEDY).text()).isEqualTo("x");
    assertThatThrownBy(() -> runner.generate("", GREEDY))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void shouldNotExecuteAnythingWhenCancelledBefore() {
    var module = FakeModule.repeating('x');
    var cancellation = new Cancellation();
    cancellation.cancel();

    var result = runnerOn(module).generate("abc", GREEDY, text -> {}, cancellation);

    assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(module.executions()).isEmpty();
  }

  @Test
  void shouldStopBetweenChunksOfThePrompt() {
    var module = FakeModule.repeating('x').maxTokens(2);
    var runner = runnerOn(module);
    module.beforeExecution(
        () -> {
          if (module.executions().size() == 1) {
            runner.stop();
          }
        });

    var result = runner.generate("abcdefgh", GREEDY);

    assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(result.tokens()).isEmpty();
    assertThat(module.executions()).hasSize(2);
  }

  @Test
  void shouldKeepWhatWasGeneratedWhenStoppedByItsOwnCallback() {
    var runner = runnerOn(FakeModule.repeating('x'));
    var pieces = new ArrayList<String>();

    var result =
        runner.generate(
            "ab",
            GREEDY,
            piece -> {
              pieces.add(piece);
              if (pieces.size() == 3) {
                runner.stop();
              }
            });

    assertThat(result.text()).isEqualTo("xxx");
    assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
  }

  @Test
  void shouldRefuseToGoOnAfterARuntimeFailureUntilReset() {
    var module = FakeModule.answering("ab", 'x', EOS);
    var runner = runnerOn(module);
    module.beforeExecution(
        () -> {
          throw new ExecuTorchException(ErrorCode.INTERNAL, "broken");
        });
    assertThatThrownBy(() -> runner.generate("ab", GREEDY))
        .hasMessage("Cannot use the program: broken");
    module.beforeExecution(() -> {});

    assertThatThrownBy(() -> runner.generate("ab", GREEDY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("reset()");
    runner.reset();
    assertThat(runner.generate("ab", GREEDY).text()).isEqualTo("x");
  }

  @Test
  void shouldPutBosTokensInFront() {
    var module = FakeModule.repeating(EOS);

    runnerOn(module).generate("a", GREEDY.toBuilder().numBos(1).build());

    assertThat(module.executions()).containsExactly(List.of(BOS, (int) 'a'));
  }

  @Test
  void shouldUseTheModelsBosWhenTheTokenizerNamesNone() {
    var module = FakeModule.repeating(EOS).constant("get_bos_id", EValue.of(7));
    var config = GREEDY.toBuilder().numBos(2).maxNewTokens(1).build();

    new TextLLMRunner(module, new FakeTokenizer(false)).generate("a", config);

    assertThat(module.executions()).containsExactly(List.of(7, 7, (int) 'a'));
  }

  @Test
  void shouldSampleTheSameTextForTheSameSeed() {
    var config =
        GenerationConfig.builder().temperature(0.8f).topP(1).seed(42).maxNewTokens(20).build();

    var first = runnerOn(spread()).generate("ab", config);
    var again = runnerOn(spread()).generate("ab", config);
    var other = runnerOn(spread()).generate("ab", config.toBuilder().seed(43).build());

    assertThat(again.tokens()).isEqualTo(first.tokens());
    assertThat(other.tokens()).isNotEqualTo(first.tokens());
  }

  @Test
  void shouldKeepToTheGrammarWhateverTheModelPrefers() {
    var config = GREEDY.toBuilder().grammar("regex", "[a-z]{2}\\d").build();

    var result = runnerOn(FakeModule.repeating('x')).generate("hi", config);

    assertThat(result.text()).matches("xx\\d");
    assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void shouldRefuseAGrammarBeforeAnythingIsExecuted() {
    var module = FakeModule.repeating('x');

    assertRefused(
        module,
        "hi",
        GREEDY.toBuilder().grammar("lark", "start: x").build(),
        Reason.INVALID_PARAMETER,
        "grammarType lark is not supported; it must be json_schema or regex");
  }

  @Test
  void shouldRefuseAGrammarWhereItDoesWhatUpstreamDoes() {
    var module = FakeModule.repeating('x');
    var runner = new TextLLMRunner(module, new FakeTokenizer(), "forward", Compatibility.UPSTREAM);
    var config = GREEDY.toBuilder().grammar("regex", "a").build();

    assertThatThrownBy(() -> runner.generate("hi", config))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("grammar is not supported with UPSTREAM");
    assertThat(module.executions()).isEmpty();
  }

  @Test
  void shouldStampItsPhasesInOrder() {
    Stats stats =
        runnerOn(FakeModule.answering("hi", 'o', 'k', EOS)).generate("hi", GREEDY).stats();

    assertThat(
            List.of(
                stats.modelLoadStartMs(),
                stats.modelLoadEndMs(),
                stats.inferenceStartMs(),
                stats.tokenEncodeEndMs(),
                stats.promptEvalEndMs(),
                stats.firstTokenMs(),
                stats.inferenceEndMs()))
        .isSorted()
        .doesNotContain(0L);
  }

  private static void assertRefused(
      FakeModule module, String prompt, GenerationConfig config, Reason reason, String message) {
    assertThatThrownBy(() -> runnerOn(module).generate(prompt, config))
        .isInstanceOfSatisfying(
            InvalidRequestException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessage(message);
    assertThat(module.executions()).isEmpty();
  }

  private static FakeModule spread() {
    return FakeModule.scripted(
        sequence -> {
          float[] logits = new float[FakeTokenizer.VOCAB_SIZE];
          for (int id = 'a'; id <= 'z'; id++) {
            logits[id] = 5;
          }
          return logits;
        });
  }

  private static int[] append(int[] tokens, int last) {
    int[] all = Arrays.copyOf(tokens, tokens.length + 1);
    all[tokens.length] = last;
    return all;
  }

  private static TextLLMRunner runnerOn(FakeModule module) {
    return new TextLLMRunner(module, new FakeTokenizer());
  }
}
