package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ScalarType;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DecoderModelTest {
  @Test
  void shouldReadAllConstants() {
    var module =
        FakeModule.repeating('x')
            .constant("get_max_seq_len", EValue.of(128))
            .constant("get_max_context_len", EValue.of(256))
            .constant("get_vocab_size", EValue.of(300))
            .constant("get_bos_id", EValue.of(1))
            .constant("get_eos_id", EValue.of(new long[] {2, 3}))
            .constant("get_eos_ids", EValue.of(4))
            .constant("use_kv_cache", EValue.of(false))
            .constant("use_sdpa_with_kv_cache", EValue.of(true))
            .constant("sliding_window", EValue.of(64))
            .constant("decoder_start_token_id", EValue.of(6));

    assertThat(LLMMetadata.read(module))
        .isEqualTo(
            new LLMMetadata(
                128, 256, 300, 1, Set.of(2, 3, 4), Set.of(4), false, true, true, 64, 6));
  }

  @Test
  void shouldFallBackWhereConstantsAreAbsent() {
    var module =
        FakeModule.repeating('x').without("get_max_context_len").without("enable_dynamic_shape");

    assertThat(LLMMetadata.read(module))
        .isEqualTo(
            new LLMMetadata(1000, 1000, -1, -1, Set.of(), Set.of(), true, false, false, -1, -1));
  }

  @Test
  void shouldRefuseAProgramThatIsNoLanguageModel() {
    var module = FakeModule.repeating('x').without("get_max_seq_len");

    assertInvalid(module, "no method get_max_seq_len", "forward");
  }

  @Test
  void shouldRefuseConstantsThatCannotBeMeant() {
    assertInvalid(
        FakeModule.repeating('x').constant("get_max_seq_len", EValue.of(0)), "at least 1");
    assertInvalid(
        FakeModule.repeating('x').constant("get_eos_id", EValue.of(1L << 40)), "get_eos_id");
    assertInvalid(
        FakeModule.repeating('x').constant("get_bos_id", EValue.of("one")), "not a number");
  }

  @Test
  void shouldRefuseLogitsOfAnotherType() {
    assertInvalid(FakeModule.repeating('x').logits(ScalarType.INT, 2), "INT");
  }

  @Test
  void shouldRefuseADecoderWithOtherInputs() {
    var module = FakeModule.repeating('x').moreInputs(1);

    assertInvalid(module, "forward", "1 or 2 inputs");
  }

  @Test
  void shouldRefuseATokenizerWithMoreIdsThanLogits() {
    assertInvalid(FakeModule.repeating('x').width(200), "ids up to 257", "only 200 wide");
  }

  @Test
  void shouldRefuseLogitsFarWiderThanTheTokenizer() {
    assertInvalid(FakeModule.repeating('x').width(2048), "2048 wide", "only 258 ids");
  }

  @Test
  void shouldTakePaddedLogitsAndNeverSampleThePadding() {
    var module =
        FakeModule.scripted(
                sequence -> {
                  float[] logits = new float[300];
                  logits[299] = 9; // padding
                  logits['x'] = 1;
                  return logits;
                })
            .width(300);
    var config = GenerationConfig.greedy().toBuilder().maxNewTokens(1).build();

    assertThat(new TextLLMRunner(module, new FakeTokenizer()).generate("a", config).text())
        .isEqualTo("x");
  }

  @Test
  void shouldLoadOnce() {
    var runner = new TextLLMRunner(FakeModule.repeating('x'), new FakeTokenizer());

    assertThat(runner.isLoaded()).isFalse();
    assertThatCode(runner::load).doesNotThrowAnyException();
    LLMMetadata metadata = runner.metadata();
    runner.load();

    assertThat(runner.isLoaded()).isTrue();
    assertThat(runner.metadata()).isSameAs(metadata);
  }

  private static void assertInvalid(FakeModule module, String... parts) {
    assertThatThrownBy(() -> new TextLLMRunner(module, new FakeTokenizer()).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContainingAll(parts);
  }
}
