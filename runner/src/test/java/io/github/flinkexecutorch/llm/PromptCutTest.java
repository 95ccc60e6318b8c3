package io.github.flinkexecutorch.llm;

import static io.github.flinkexecutorch.llm.ContextOverflow.TRUNCATE_HEAD;
import static io.github.flinkexecutorch.llm.ContextOverflow.TRUNCATE_MIDDLE;
import static io.github.flinkexecutorch.llm.ContextOverflow.TRUNCATE_TAIL;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.EValue;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left of prompts in a context of 20 tokens; a token is a byte of UTF-8 here. */
class PromptCutTest {
  private static final int CONTEXT = 20;
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

  @ParameterizedTest
  @CsvSource({
    "TRUNCATE_HEAD, -1, ghijklmnopqrstuvwxyz",
    "TRUNCATE_TAIL, -1, abcdefghijklmnopqrst",
    "TRUNCATE_MIDDLE, -1, abcdefghijqrstuvwxyz",
    "TRUNCATE_HEAD, 1, ghijklmnopqrstuvwxyz", // a full context gives one token yet
    "TRUNCATE_TAIL, 4, abcdefghijklmnop",
    "TRUNCATE_MIDDLE, 5, abcdefghtuvwxyz",
    "TRUNCATE_TAIL, 1000, abcdefghij", // half of the context at least is the prompt's
    "FAIL, 4, abcdefghijklmnopqrstuvwxyz",
  })
  void shouldLeaveRoomForNewTokens(ContextOverflow where, int newTokens, String left) {
    assertThat(texts(cut(where, newTokens, CONTEXT, text(LETTERS)))).containsExactly(left);
  }

  @Test
  void shouldLeaveWhatFitsAlone() {
    MultimodalInput whole = text(LETTERS.substring(0, 16));
    assertThat(cut(TRUNCATE_TAIL, 4, CONTEXT, whole)).containsExactly(whole);
    assertThat(cut(TRUNCATE_TAIL, -1, 16, whole)).containsExactly(whole);
  }

  @ParameterizedTest
  @CsvSource({"TRUNCATE_HEAD, [4567890]", "TRUNCATE_TAIL, [1234567]", "TRUNCATE_MIDDLE, [1234890]"})
  void shouldCutOnlyWhatTheRequestBrought(ContextOverflow where, String left) {
    PromptText prompt = filled("[1234567890]", 1, 11);
    assertThat(texts(cut(where, -1, 9, MultimodalInput.makeTextInput(prompt))))
        .containsExactly(left);
  }

  @Test
  void shouldCutAcrossTextsAndLeaveImagesAndTokensAlone() {
    MultimodalInput image = MultimodalInput.makeImageInput(Image.ofBytes(new byte[3], 1, 1, 3));
    MultimodalInput tokens = MultimodalInput.makeTokenInput(1, 2, 3);
    List<MultimodalInput> inputs = List.of(text("abcd"), image, tokens, text("efghijkl"));
    // 12 characters, 3 tokens and 8 positions of the image are 3 too many.
    List<MultimodalInput> left =
        PromptCut.fit(inputs, 23, 0, profile(CONTEXT, new FakeTokenizer()), config(TRUNCATE_HEAD));

    assertThat(left.get(0).getText()).isEqualTo("d");
    assertThat(left.subList(1, 4)).containsExactlyElementsOf(inputs.subList(1, 4));
    left =
        PromptCut.fit(
            inputs, 28, 0, profile(CONTEXT, new FakeTokenizer()), config(TRUNCATE_MIDDLE));
    assertThat(left.get(0).getText()).isEqualTo("ab");
    assertThat(left.get(3).getText()).isEqualTo("kl");
  }

  @Test
  void shouldTearNoCharacter() {
    String text = "é👋".repeat(5); // 2 and 4 tokens each
    assertThat(texts(cut(TRUNCATE_TAIL, -1, 11, text(text)))).containsExactly("é👋é");
    assertThat(texts(cut(TRUNCATE_HEAD, -1, 11, text(text)))).containsExactly("👋é👋");
    assertThat(texts(cut(TRUNCATE_TAIL, -1, 3, text("\ud83d".repeat(5)))))
        .as("halves of characters, which are one token each here")
        .containsExactly("\ud83d".repeat(3));
  }

  @Test
  void shouldGiveUpWhereNothingOfTheRequestWouldBeLeft() {
    MultimodalInput prompt = MultimodalInput.makeTextInput(filled("[1234567890]", 1, 3));
    assertThat(cut(TRUNCATE_TAIL, -1, 10, prompt)).containsExactly(prompt);
    MultimodalInput tokens = MultimodalInput.makeTokenInput(new int[30]);
    assertThat(cut(TRUNCATE_TAIL, -1, CONTEXT, tokens)).containsExactly(tokens);
  }

  @Test
  void shouldCountWhatTheContextHoldsAlready() {
    List<MultimodalInput> left =
        PromptCut.fit(
            List.of(text(LETTERS)),
            26,
            15,
            profile(CONTEXT, new FakeTokenizer()),
            config(TRUNCATE_TAIL));
    assertThat(texts(left)).containsExactly("abcde");
  }

  @Test
  @Tag("native")
  void shouldKeepSpecialTokensThatAreSpelled() {
    try (Tokenizer tokenizer = Tokenizers.load(Goldens.TICKETS)) {
      String prompt = "<|bos|>" + "word ".repeat(50) + "<|eos|>" + "more ".repeat(50) + "<|eos|>";
      int length = tokenizer.encode(prompt, 0, 0).length;
      for (ContextOverflow where : List.of(TRUNCATE_HEAD, TRUNCATE_MIDDLE, TRUNCATE_TAIL)) {
        List<MultimodalInput> left =
            PromptCut.fit(
                List.of(text(prompt)), length, 0, profile(CONTEXT, tokenizer), config(where));

        int[] tokens = tokenizer.encode(left.get(0).getText(), 0, 0);
        assertThat(tokens).hasSizeBetween(CONTEXT - 3, CONTEXT);
        assertThat(Arrays.stream(tokens).filter(tokenizer::isSpecial))
            .containsExactly(tokenizer.bosId(), tokenizer.eosId(), tokenizer.eosId());
      }
    }
  }

  private static List<MultimodalInput> cut(
      ContextOverflow where, int newTokens, int context, MultimodalInput input) {
    GenerationConfig config = config(where).toBuilder().maxNewTokens(newTokens).build();
    int length =
        input.isTokens() ? input.getTokens().length : FakeTokenizer.ids(input.getText()).length;
    return PromptCut.fit(List.of(input), length, 0, profile(context, new FakeTokenizer()), config);
  }

  private static GenerationConfig config(ContextOverflow where) {
    return GenerationConfig.builder().contextOverflow(where).build();
  }

  private static ModelProfile profile(int context, Tokenizer tokenizer) {
    FakeModule module =
        FakeModule.repeating('x')
            .constant("get_max_seq_len", EValue.of(context))
            .constant("get_max_context_len", EValue.of(context));
    return ModelProfile.of(LLMMetadata.read(module), tokenizer.vocabSize(), context, tokenizer, 0);
  }

  private static MultimodalInput text(String text) {
    return MultimodalInput.makeTextInput(text);
  }

  private static PromptText filled(String text, int start, int end) {
    BitSet brought = new BitSet();
    brought.set(start, end);
    return PromptText.filled(text, brought);
  }

  private static List<String> texts(List<MultimodalInput> inputs) {
    return inputs.stream().map(MultimodalInput::getText).toList();
  }
}
