package io.github.flinkexecutorch.llm;

import static io.github.flinkexecutorch.llm.MultimodalDecoderRunner.TEXT_DECODER;
import static io.github.flinkexecutorch.llm.MultimodalDecoderRunner.TOKEN_EMBEDDING;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs prompts of text, token ids, images and audio, in any order and number, on one loaded model
 * whose encoders feed the decoder's input (early fusion).
 *
 * <p>The program has the methods {@code token_embedding} and {@code text_decoder}, and {@code
 * vision_encoder} or {@code audio_encoder} for what it takes besides text. Images and audio must
 * have the encoder's size and type already. Where upstream behaves oddly, see {@link Quirk}.
 */
public final class MultimodalRunner extends ConversationRunner {
  private MultimodalPrefiller prefiller;

  /**
   * A runner that loads its model with the first prompt.
   *
   * @param module the model; closed with this runner
   * @param tokenizer the model's tokenizer; may be shared with other runners, and is not closed
   */
  public MultimodalRunner(ExecuTorchModule module, Tokenizer tokenizer) {
    this(module, tokenizer, Compatibility.FIXED);
  }

  /** As above, with a choice where upstream behaves oddly. */
  public MultimodalRunner(
      ExecuTorchModule module, Tokenizer tokenizer, Compatibility compatibility) {
    super(module, tokenizer, compatibility);
  }

  @Override
  DecoderModel open() {
    long start = System.nanoTime();
    ExecuTorchModule module = module();
    // First of all: an operator that is missing is the best message.
    for (String method : List.of(TOKEN_EMBEDDING, TEXT_DECODER)) {
      if (module.methodNames().contains(method)) {
        module.loadMethod(method);
      }
    }
    prefiller = new MultimodalPrefiller(module);
    DecoderSignature decoder = DecoderSignature.ofEmbeddings(module, TEXT_DECODER);
    int tokens = Math.min(decoder.maxTokens(), maxEmbeddedTokens(module));
    LLMMetadata metadata = LLMMetadata.read(module);
    return DecoderModel.of(
        metadata,
        decoder,
        Math.min(tokens, TextPrefiller.largestChunk(metadata, decoder, compatibility())),
        context -> new MultimodalDecoderRunner(module, decoder, context),
        tokenizer(),
        compatibility(),
        start);
  }

  /** Most tokens of one execution of {@code token_embedding}. */
  private static int maxEmbeddedTokens(ExecuTorchModule module) {
    if (!module.methodNames().contains(TOKEN_EMBEDDING)) {
      throw new InvalidModelException(
          "The program has no method "
              + TOKEN_EMBEDDING
              + ", which a multimodal runner needs; its methods are "
              + module.methodNames());
    }
    MethodMeta meta = module.methodMeta(TOKEN_EMBEDDING);
    boolean valid =
        meta.inputs().size() == 1
            && meta.inputs().get(0).kind() == EValue.Kind.TENSOR
            && meta.inputs().get(0).type() == ScalarType.LONG
            && meta.inputs().get(0).rank() == 2
            && meta.outputs().size() == 1
            && meta.outputs().get(0).kind() == EValue.Kind.TENSOR;
    if (!valid) {
      throw new InvalidModelException(
          "Method %s must turn token ids i64[1, T] into embeddings, but it is %s -> %s"
              .formatted(TOKEN_EMBEDDING, meta.inputs(), meta.outputs()));
    }
    return (int) Math.min(meta.inputs().get(0).sizes().get(1), Integer.MAX_VALUE);
  }

  @Override
  List<DecoderInput> encode(List<MultimodalInput> inputs, GenerationConfig config, Turn turn) {
    List<DecoderInput> parts = new ArrayList<>();
    boolean upstream = compatibility().has(Quirk.MULTIMODAL_BOS_ONCE);
    boolean bosWanted = config.numBos() > 0 && !(upstream && turn == Turn.LATER);
    boolean bosBeforeMedia = bosWanted && !(upstream && turn == Turn.FIRST);
    boolean eosWanted = true;
    for (MultimodalInput input : inputs) {
      boolean first = parts.isEmpty();
      if (input.isText()) {
        int bos = first && bosWanted ? config.numBos() : 0;
        int eos = eosWanted ? config.numEos() : 0;
        eosWanted = false;
        parts.add(DecoderInput.ofTokens(encoder().encode(input, bos, eos)));
      } else if (input.isTokens()) {
        parts.add(DecoderInput.ofTokens(input.getTokens()));
      } else {
        if (first && bosBeforeMedia) {
          parts.add(DecoderInput.ofTokens(encoder().bos(config.numBos())));
        }
        parts.add(DecoderInput.ofEmbeddings(prefiller.encode(input)));
      }
    }
    return parts;
  }

  @Override
  boolean isMultimodal() {
    return true;
  }

  @Override
  String echoOf(List<MultimodalInput> inputs) {
    boolean lastOnly = compatibility().has(Quirk.MULTIMODAL_ECHOES_THE_LAST) && !inputs.isEmpty();
    return super.echoOf(lastOnly ? inputs.subList(inputs.size() - 1, inputs.size()) : inputs);
  }
}
