package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.LogitProcessor;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GrammarProcessorTest {
  private static final String[] LETTERS = {"a", "b", "ab", "ba", "abab", "<|end|>"};

  @Test
  void shouldAllowExactlyTheTokensThatCanFollow() {
    var tokenizer = FakeVocabulary.withEos(LETTERS);
    var processor = processor("(?:ab){2}", tokenizer);

    assertThat(allowed(processor, tokenizer)).containsExactly("a", "ab", "abab");
    accept(processor, tokenizer, "a");
    assertThat(allowed(processor, tokenizer)).containsExactly("b", "ba");
    accept(processor, tokenizer, "ba");
    assertThat(allowed(processor, tokenizer)).containsExactly("b");
    assertThat(processor.isComplete()).isFalse();
    accept(processor, tokenizer, "b");
    assertThat(processor.isComplete()).isTrue();
  }

  @Test
  void shouldAllowTheEndExactlyWhereTheTextIsComplete() {
    var tokenizer = FakeVocabulary.withEos(LETTERS);
    var processor = processor("(?:ab)*", tokenizer);

    assertThat(allowed(processor, tokenizer)).containsExactly("a", "ab", "abab", "<|end|>");
    accept(processor, tokenizer, "a");
    assertThat(allowed(processor, tokenizer)).containsExactly("b", "ba");
    accept(processor, tokenizer, "b");
    assertThat(processor.isComplete()).isFalse();
    accept(processor, tokenizer, "<|end|>");
    assertThat(processor.isComplete()).isTrue();
  }

  @Test
  void shouldKeepTheScoresOfWhatItAllows() {
    var tokenizer = FakeVocabulary.withEos(LETTERS);
    float[] logits = {1, 2, 3, 4, 5, 6, 7, 8};

    processor("(?:ab)*", tokenizer).process(logits);

    float no = Float.NEGATIVE_INFINITY;
    assertThat(logits).containsExactly(1, no, 3, no, 5, 6, no, no);
  }

  @Test
  void shouldNeverAllowSpecialEmptyAndMissingTokens() {
    var tokenizer =
        FakeVocabulary.withEos(
            "x",
            "<|user|>",
            "</s>",
            "[INST]",
            "<fim-prefix>",
            "<\uff5cbegin\uff5c>",
            "",
            null,
            "$");

    assertThat(allowed(processor(".*", tokenizer), tokenizer)).containsExactly("x", "$");
  }

  @Test
  void shouldEndWhereNothingMayFollowWithoutAnEndToken() {
    var tokenizer = FakeVocabulary.withoutEos("a", "b");
    var processor = processor("ab?", tokenizer);

    accept(processor, tokenizer, "a");
    assertThat(processor.isComplete()).isFalse();
    accept(processor, tokenizer, "b");
    assertThat(processor.isComplete()).isTrue();
    assertThatThrownBy(() -> processor.process(new float[2]))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldRefuseATokenThatItForbade() {
    var tokenizer = FakeVocabulary.withEos(LETTERS);
    var processor = processor("ab", tokenizer);

    assertThatThrownBy(() -> processor.accept(tokenizer.pieceToId("b")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("forbids");
    assertThatThrownBy(() -> processor.accept(tokenizer.eosId()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldAvoidBranchesThatTheVocabularyCannotFinish() {
    var tokenizer = FakeVocabulary.withEos("a", "b", "aa", "end");

    var processor = processor("a(?:xb|ab)|b", tokenizer);

    assertThat(allowed(processor, tokenizer)).containsExactly("a", "b", "aa");
    accept(processor, tokenizer, "a");
    assertThat(allowed(processor, tokenizer)).containsExactly("a");
  }

  @Test
  void shouldFollowTokensOfSeveralBytesWhereSingleBytesAreMissing() {
    var tokenizer = FakeVocabulary.withEos("\u00e4\u00f6", "\u00fc", "end");
    var processor = processor("\u00e4\u00f6\u00fc{2,3}", tokenizer);

    assertThat(allowed(processor, tokenizer)).containsExactly("\u00e4\u00f6");
    assertThat(Grammars.compile("regex", "\u00e4\u00f6\u00fc", tokenizer, Set.of()))
        .extracting(Grammar::tokensToComplete)
        .isEqualTo(2);
  }

  @Test
  void shouldRefuseAGrammarThatTheVocabularyCannotSpell() {
    var tokenizer = FakeVocabulary.withEos("a", "b", "end");

    assertThatThrownBy(() -> processor("a+c", tokenizer))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("cannot spell");
  }

  @Test
  void shouldLeaveRoomForTheRestAsTheLimitComesNear() {
    var tokenizer = FakeVocabulary.withEos("a", "b", "end");
    var processor = grammar("a+bb", tokenizer).newProcessor(5);

    accept(processor, tokenizer, "a");
    assertThat(allowed(processor, tokenizer)).containsExactly("a", "b");
    accept(processor, tokenizer, "a");
    assertThat(allowed(processor, tokenizer)).containsExactly("a", "b");
    accept(processor, tokenizer, "a");
    assertThat(allowed(processor, tokenizer)).containsExactly("b");
    accept(processor, tokenizer, "b");
    accept(processor, tokenizer, "b");
    assertThat(processor.isComplete()).isTrue();
  }

  @Test
  void shouldHurryWhereTheLimitIsTooLowForAnyText() {
    var tokenizer = FakeVocabulary.withEos("a", "b", "end");
    var processor = grammar("a*bbb", tokenizer).newProcessor(2);

    assertThat(allowed(processor, tokenizer)).containsExactly("b");
    accept(processor, tokenizer, "b");
    accept(processor, tokenizer, "b");
    assertThat(processor.isComplete()).isFalse();
  }

  @Test
  void shouldCompileAGrammarOnceForEachTokenizer() {
    var tokenizer = FakeVocabulary.withEos("a", "end");
    var other = FakeVocabulary.withEos("a", "end");

    assertThat(grammar("a", tokenizer))
        .isSameAs(grammar("a", tokenizer))
        .isNotSameAs(grammar("a", other))
        .isNotSameAs(Grammars.compile("regex", "a", tokenizer, Set.of()));
  }

  @Test
  void shouldForgetTheGrammarThatWasUsedLongestAgo() {
    var tokenizer = FakeVocabulary.withEos("a", "end");
    Grammar first = grammar("a", tokenizer);
    for (int i = 2; i < 40; i++) {
      grammar("a{" + i + "}", tokenizer);
    }

    assertThat(grammar("a", tokenizer)).isNotSameAs(first);
  }

  @Test
  void shouldServeSeveralThreadsWithOneGrammar() {
    var tokenizer = FakeVocabulary.withEos(LETTERS);
    Grammar shared = grammar("(?:ab|ba){1,60}", tokenizer);

    assertThat(
            IntStream.range(0, 400)
                .parallel()
                .mapToObj(seed -> RandomText.generate(shared, tokenizer, 50, new Random(seed))))
        .allMatch(text -> text.matches("(?:ab|ba){1,60}"))
        .hasSize(400);
  }

  private static Grammar grammar(String regex, Tokenizer tokenizer) {
    Set<Integer> eos =
        tokenizer.eosId() == Tokenizer.UNKNOWN ? Set.of() : Set.of(tokenizer.eosId());
    return Grammars.compile("regex", regex, tokenizer, eos);
  }

  private static LogitProcessor processor(String regex, Tokenizer tokenizer) {
    return grammar(regex, tokenizer).newProcessor();
  }

  private static void accept(LogitProcessor processor, Tokenizer tokenizer, String piece) {
    processor.process(new float[tokenizer.vocabSize()]);
    processor.accept(tokenizer.pieceToId(piece));
  }

  private static List<String> allowed(LogitProcessor processor, Tokenizer tokenizer) {
    float[] logits = new float[tokenizer.vocabSize() + 3];
    Arrays.fill(logits, 1);
    processor.process(logits);
    Set<String> pieces = new LinkedHashSet<>();
    for (int id = 0; id < logits.length; id++) {
      if (logits[id] == 1) {
        pieces.add(tokenizer.idToPiece(id));
      }
    }
    return List.copyOf(pieces);
  }
}
