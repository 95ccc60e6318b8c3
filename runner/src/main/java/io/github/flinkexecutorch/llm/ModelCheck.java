package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MethodInspection;
import io.github.flinkexecutorch.runtime.ProgramInspection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Finds what a model lacks, or has too much, for its runner. */
final class ModelCheck {
  private static final int NAMES_SHOWN = 5;

  private final ModelKind kind;
  private final ProgramInspection program;
  private final ExecuTorchModule module;

  ModelCheck(ModelKind kind, ProgramInspection program, ExecuTorchModule module) {
    this.kind = kind;
    this.program = program;
    this.module = module;
  }

  /**
   * @param problems receives what keeps the model from running
   * @param warnings receives what is unusual
   */
  void report(List<String> problems, List<String> warnings) {
    for (MethodInspection method : program.methods()) {
      reportMissing(method, problems);
    }
    if (!program.missingData().isEmpty()) {
      problems.add(
          program.missingData().size()
              + " of "
              + program.externalData().size()
              + " external constants are in none of the data files given ("
              + some(program.missingData())
              + "). Give the .ptd files that were exported with the model");
    }
    switch (kind) {
      case TEXT_DECODER -> {
        report(() -> LLMMetadata.read(module), problems);
        report(() -> DecoderSignature.ofTokens(module, "forward"), problems);
      }
      case PREFILL_DECODE -> {
        report(() -> LLMMetadata.read(module), problems);
        report(() -> DecoderSignature.ofTokens(module, "prefill"), problems);
        if (module.methodNames().contains("decode")) {
          report(() -> DecoderSignature.ofTokens(module, "decode"), problems);
        }
      }
      case MULTIMODAL -> {
        report(() -> LLMMetadata.read(module), problems);
        reportParts(problems, warnings);
      }
      case AUDIO_PREPROCESSOR ->
          warnings.add("It makes the input of an audio encoder and is no language model itself");
      case SEQ2SEQ -> {}
      case OTHER ->
          problems.add(
              "It is no language model: its methods are " + new TreeSet<>(module.methodNames()));
      default -> problems.add("No runner of this library runs a " + kind.description());
    }
  }

  private static void reportMissing(MethodInspection method, List<String> problems) {
    String name = method.meta().name();
    if (!method.missingOperators().isEmpty()) {
      problems.add(
          "Method "
              + name
              + " calls operators that this build has no kernel for: "
              + String.join(", ", method.missingOperators())
              + ". Export the model without them, or lower them to XNNPACK");
    }
    if (!method.missingBackends().isEmpty()) {
      problems.add(
          "Method "
              + name
              + " was exported for backends that this build does not have: "
              + String.join(", ", method.missingBackends())
              + ". Export the model for XNNPACK");
    }
  }

  /** Lets whoever reads the model at run time find what is wrong with it. */
  private static void report(Runnable reader, List<String> problems) {
    try {
      reader.run();
    } catch (InvalidModelException e) {
      problems.add(e.getMessage());
    }
  }

  private void reportParts(List<String> problems, List<String> warnings) {
    Set<String> names = module.methodNames();
    for (String required : List.of("token_embedding", "text_decoder")) {
      if (!names.contains(required)) {
        problems.add("It has encoders or parts of a decoder, but no method " + required);
      }
    }
    if (names.contains("text_decoder")) {
      report(() -> DecoderSignature.ofEmbeddings(module, "text_decoder"), problems);
    }
    if (!names.contains("vision_encoder") && !names.contains("audio_encoder")) {
      warnings.add("It has neither vision_encoder nor audio_encoder: it takes text only");
    }
  }

  private static String some(Set<String> names) {
    String shown = String.join(", ", names.stream().limit(NAMES_SHOWN).toList());
    return names.size() > NAMES_SHOWN ? shown + ", ..." : shown;
  }
}
