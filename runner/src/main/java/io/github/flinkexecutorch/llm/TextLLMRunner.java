package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs text prompts on one loaded model, one at a time.
 *
 * <p>Where ExecuTorch's own runner behaves oddly, this one does what its options say, unless it is
 * made with {@link Compatibility#UPSTREAM}: {@link Quirk} lists the differences.
 */
public final class TextLLMRunner extends ConversationRunner {
  private static final String FORWARD = "forward";
  private static final String PREFILL = "prefill";
  private static final String DECODE = "decode";

  private final String method;

  /**
   * A runner that loads its model with the first prompt.
   *
   * @param module the model; closed with this runner
   * @param tokenizer the model's tokenizer; may be shared with other runners, and is not closed
   */
  public TextLLMRunner(ExecuTorchModule module, Tokenizer tokenizer) {
    this(module, tokenizer, FORWARD, Compatibility.FIXED);
  }

  /**
   * As above.
   *
   * @param method the decoder's name, for programs with several; where the program has none of that
   *     name but {@code prefill}, prompts go through {@code prefill} and tokens through {@code
   *     decode}
   */
  public TextLLMRunner(
      ExecuTorchModule module, Tokenizer tokenizer, String method, Compatibility compatibility) {
    super(module, tokenizer, compatibility);
    this.method = method;
  }

  @Override
  DecoderModel open() {
    long start = System.nanoTime();
    ExecuTorchModule module = module();
    boolean twoMethods = !module.methodNames().contains(method) && has(PREFILL);
    String prefillMethod = twoMethods ? PREFILL : method;
    String decodeMethod = twoMethods && has(DECODE) ? DECODE : prefillMethod;
    // First of all: an operator that is missing is the best message.
    if (!prefillMethod.equals(decodeMethod)) {
      module.loadSharing(List.of(prefillMethod, decodeMethod));
    } else if (has(prefillMethod)) {
      module.loadMethod(prefillMethod);
    }
    LLMMetadata metadata = LLMMetadata.read(module);
    DecoderSignature prefill = DecoderSignature.ofTokens(module, prefillMethod);
    DecoderSignature decode = DecoderSignature.ofTokens(module, decodeMethod);
    if (decode.logitsWidth() != prefill.logitsWidth() || decode.kvCache() != prefill.kvCache()) {
      throw new InvalidModelException(
          "The methods "
              + prefillMethod
              + " and "
              + decodeMethod
              + " are not of one model: "
              + prefill
              + " and "
              + decode);
    }
    return DecoderModel.of(
        metadata,
        prefill,
        TextPrefiller.chunkFor(metadata, prefill, compatibility()),
        context -> new TextDecoderRunner(module, prefill, decode, context),
        tokenizer(),
        compatibility(),
        start);
  }

  @Override
  List<DecoderInput> encode(List<MultimodalInput> inputs, GenerationConfig config, Turn turn) {
    List<DecoderInput> parts = new ArrayList<>();
    boolean first = true;
    for (MultimodalInput input : inputs) {
      if (input.isText()) {
        int bos = first ? config.numBos() : 0;
        int eos = first ? config.numEos() : 0;
        parts.add(DecoderInput.ofTokens(encoder().encode(input, bos, eos)));
        first = false;
      } else if (input.isTokens()) {
        parts.add(DecoderInput.ofTokens(input.getTokens()));
      } else {
        throw new InvalidRequestException(
            Reason.UNSUPPORTED_INPUT,
            "The model takes text only, but the prompt has an input of the kind "
                + input.typeName()
                + "; use a model with an encoder for it");
      }
    }
    return parts;
  }

  private boolean has(String name) {
    return module().methodNames().contains(name);
  }
}
