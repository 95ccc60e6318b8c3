package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The families of programs that ExecuTorch's exporters make of language models, told apart by the
 * names and shapes of their methods.
 */
public enum ModelKind {
  /** {@code forward(tokens[, positions]) -> logits}. */
  TEXT_DECODER("text decoder", "TextLLMRunner"),
  /** {@code prefill} and {@code decode}, each as {@link #TEXT_DECODER}. */
  PREFILL_DECODE("text decoder in two methods, prefill and decode", "TextLLMRunner"),
  /** Encoders, {@code token_embedding} and {@code text_decoder(embeddings, positions)}. */
  MULTIMODAL("multimodal decoder (early fusion)", "MultimodalRunner"),
  /** {@code encoder} and {@code text_decoder(tokens, encoded, positions)}: Whisper, T5. */
  SEQ2SEQ("encoder and decoder (Whisper, T5)", "Seq2SeqRunner"),
  /** {@code joint} and {@code decoder_step}: Parakeet. */
  TRANSDUCER("transducer (Parakeet)", null),
  /** A decoder that attends to an encoder's states: Llama 3.2 Vision. */
  DEEP_FUSION("decoder with cross-attention (deep fusion, such as Llama 3.2 Vision)", null),
  /** A decoder that takes embeddings beside its tokens: Gemma 4 E2B. */
  TOKENS_AND_EMBEDDINGS("decoder that takes embeddings beside its tokens (Gemma 4)", null),
  /** A decoder that samples itself and answers with a token. */
  SAMPLING_DECODER("decoder that samples inside of the program", null),
  /** A KV cache outside, and tokens of many sequences in one step. */
  BATCHED("batched program (tokens of many sequences in one step)", "LLMEngine"),
  /** {@code forward(waveform) -> log-mel features}. */
  AUDIO_PREPROCESSOR("log-mel preprocessor of an audio model", null),
  /** None of these. */
  OTHER("no language model", null);

  private static final Set<ScalarType> FLOATS =
      EnumSet.of(ScalarType.FLOAT, ScalarType.HALF, ScalarType.BFLOAT16);
  private static final Set<Long> MEL_BINS = Set.of(80L, 128L);

  private final String description;
  private final String runner;

  ModelKind(String description, String runner) {
    this.description = description;
    this.runner = runner;
  }

  /** The kind in a few words. */
  public String description() {
    return description;
  }

  /** Name of the runner or engine that runs such models, empty if this library has none. */
  public Optional<String> runner() {
    return Optional.ofNullable(runner);
  }

  /** The kind of a program. */
  public static ModelKind of(ExecuTorchModule module) {
    Map<String, MethodMeta> methods = new HashMap<>();
    module.methodNames().forEach(name -> methods.put(name, module.methodMeta(name)));
    return of(methods);
  }

  /**
   * The kind of a program.
   *
   * @param methods the program's methods by name
   */
  static ModelKind of(Map<String, MethodMeta> methods) {
    if (methods.containsKey(BatchedMetadata.ABI)) {
      return BATCHED;
    }
    if (methods.containsKey("joint") && methods.containsKey("decoder_step")) {
      return TRANSDUCER;
    }
    MethodMeta textDecoder = methods.get("text_decoder");
    if (textDecoder != null && methods.containsKey("encoder")) {
      return SEQ2SEQ;
    }
    if (textDecoder != null
        || methods.containsKey("token_embedding")
        || methods.containsKey("vision_encoder")
        || methods.containsKey("audio_encoder")) {
      return textDecoder == null ? MULTIMODAL : ofDecoder(textDecoder, MULTIMODAL);
    }
    MethodMeta forward = methods.get("forward");
    if (forward == null) {
      MethodMeta prefill = methods.get("prefill");
      return prefill == null || !takesTokens(prefill) ? OTHER : ofDecoder(prefill, PREFILL_DECODE);
    }
    if (isPreprocessor(forward)) {
      return AUDIO_PREPROCESSOR;
    }
    return takesTokens(forward) ? ofDecoder(forward, TEXT_DECODER) : OTHER;
  }

  private static ModelKind ofDecoder(MethodMeta decoder, ModelKind plain) {
    List<TensorMeta> inputs = decoder.inputs();
    for (TensorMeta input : inputs.subList(Math.min(1, inputs.size()), inputs.size())) {
      if (isFloats(input, 3)) {
        // States of an encoder have a length of their own; embeddings are as many as the tokens.
        boolean asManyAsTokens =
            inputs.get(0).rank() > 1 && input.sizes().get(1).equals(inputs.get(0).sizes().get(1));
        return asManyAsTokens ? TOKENS_AND_EMBEDDINGS : DEEP_FUSION;
      }
    }
    boolean answersWithToken =
        decoder.outputs().size() == 1 && decoder.outputs().get(0).type() == ScalarType.LONG;
    if (answersWithToken) {
      return SAMPLING_DECODER;
    }
    return plain == TEXT_DECODER && !isTextDecoder(decoder) ? OTHER : plain;
  }

  static boolean takesTokens(MethodMeta method) {
    return !method.inputs().isEmpty() && isLongs(method.inputs().get(0), 2);
  }

  // Encoders such as BERT take a mask of rank 2 behind the tokens, never positions of rank 1.
  private static boolean isTextDecoder(MethodMeta method) {
    boolean positions = method.inputs().size() < 2 || isLongs(method.inputs().get(1), 1);
    TensorMeta output = method.outputs().isEmpty() ? null : method.outputs().get(0);
    return positions && output != null && (isFloats(output, 2) || isFloats(output, 3));
  }

  private static boolean isPreprocessor(MethodMeta method) {
    return method.inputs().size() == 1
        && isFloats(method.inputs().get(0), 1)
        && method.outputs().size() == 1
        && isFloats(method.outputs().get(0), 3)
        && MEL_BINS.contains(method.outputs().get(0).sizes().get(1));
  }

  private static boolean isFloats(TensorMeta meta, int rank) {
    return meta.kind() == EValue.Kind.TENSOR && meta.rank() == rank && FLOATS.contains(meta.type());
  }

  private static boolean isLongs(TensorMeta meta, int rank) {
    return meta.kind() == EValue.Kind.TENSOR
        && meta.rank() == rank
        && meta.type() == ScalarType.LONG;
  }
}
