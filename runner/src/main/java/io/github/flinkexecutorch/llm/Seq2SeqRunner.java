package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs encoder–decoder models: speech to text (Whisper) and text to text (T5).
 *
 * <p>The program has the methods {@code encoder} and {@code text_decoder(tokens i64[1, T], states,
 * positions)}. The first input of a prompt is what the encoder takes: audio features, text or token
 * ids. Texts and token ids behind it are what the completion begins with, such as Whisper's
 * language and task tokens; without any it begins with the model's start token, which is 0 where
 * the model names none. Every prompt stands alone: it begins with a {@link #reset()}.
 */
public final class Seq2SeqRunner extends ConversationRunner {
  private static final String ENCODER = "encoder";
  private static final String TEXT_DECODER = "text_decoder";

  private MediaEncoder encoder;
  private Seq2SeqDecoderRunner decoder;
  private int startToken;

  /**
   * A runner that loads its model with the first prompt.
   *
   * @param module the model; closed with this runner
   * @param tokenizer the model's tokenizer; may be shared with other runners, and is not closed
   */
  public Seq2SeqRunner(ExecuTorchModule module, Tokenizer tokenizer) {
    super(module, tokenizer, Compatibility.FIXED);
  }

  @Override
  DecoderModel open() {
    long start = System.nanoTime();
    ExecuTorchModule module = module();
    encoder =
        MediaEncoder.load(module, ENCODER)
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "The program has no method encoder, so it is no encoder-decoder model; its"
                            + " methods are "
                            + module.methodNames()));
    DecoderSignature signature = DecoderSignature.ofTokensAndStates(module, TEXT_DECODER);
    module.loadMethod(TEXT_DECODER);
    LLMMetadata metadata = LLMMetadata.read(module);
    startToken = Math.max(0, metadata.decoderStartTokenId());
    return DecoderModel.of(
        metadata,
        signature,
        TextPrefiller.largestChunk(metadata, signature, compatibility()),
        context -> decoder = new Seq2SeqDecoderRunner(module, signature, context),
        tokenizer(),
        compatibility(),
        start);
  }

  @Override
  boolean standsAlone() {
    return true;
  }

  @Override
  List<DecoderInput> encode(List<MultimodalInput> inputs, GenerationConfig config, Turn turn) {
    if (inputs.isEmpty()) {
      return List.of();
    }
    decoder.attendTo(encoder.encode(source(inputs.get(0), config), inputs.get(0)));
    List<DecoderInput> prefix = new ArrayList<>();
    for (MultimodalInput input : inputs.subList(1, inputs.size())) {
      prefix.add(DecoderInput.ofTokens(tokens(input, 0, 0)));
    }
    return prefix.isEmpty() ? List.of(DecoderInput.ofTokens(new int[] {startToken})) : prefix;
  }

  private Tensor source(MultimodalInput input, GenerationConfig config) {
    boolean takesIds = encoder.input().type() == ScalarType.LONG;
    if (input.isAudio() && !takesIds) {
      return input.getAudio().toTensor();
    }
    if (!takesIds) {
      throw unsupported("audio features", input);
    }
    int[] ids = tokens(input, config.numBos(), config.numEos());
    if (ids.length == 0) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT, "The prompt is empty; there is nothing to encode");
    }
    return Tensor.of(Arrays.stream(ids).asLongStream().toArray(), 1, ids.length);
  }

  private int[] tokens(MultimodalInput input, int bos, int eos) {
    if (input.isText()) {
      return encoder().encode(input, bos, eos);
    }
    return input.tryGetTokens().orElseThrow(() -> unsupported("text or tokens", input));
  }

  private static InvalidRequestException unsupported(String wanted, MultimodalInput input) {
    return new InvalidRequestException(
        Reason.UNSUPPORTED_INPUT,
        "The model takes %s there, got an input of the kind %s"
            .formatted(wanted, input.typeName()));
  }
}
