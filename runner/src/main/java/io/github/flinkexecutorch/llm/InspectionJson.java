package io.github.flinkexecutorch.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.runtime.MethodInspection;
import io.github.flinkexecutorch.runtime.ProgramInspection;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.TreeSet;

/** Writes an inspection for programs, with keys in snake case. */
final class InspectionJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private InspectionJson() {}

  static String of(ModelInspection model) {
    ProgramInspection program = model.program();
    ObjectNode root = JSON.createObjectNode();
    root.put("model", model.path().toString())
        .put("bytes", model.bytes())
        .put("kind", name(model.kind()))
        .put("runner", model.kind().runner().orElse(null))
        .put("schema_version", program.schemaVersion())
        .put("constant_bytes", program.constantBytes())
        .put("delegate_bytes", program.delegateBytes())
        .put("named_data_bytes", program.namedDataBytes());
    root.set("external_data", JSON.valueToTree(program.externalData()));
    root.set("missing_data", JSON.valueToTree(program.missingData()));
    root.set("constants", JSON.valueToTree(model.constants()));
    for (DecoderForm decoder : model.decoders()) {
      root.withArray("decoders")
          .addObject()
          .put("method", decoder.method())
          .put("max_tokens", decoder.maxTokens())
          .put("positions", name(decoder.positions()))
          .put("logits_type", name(decoder.logitsType()))
          .put("logits_width", decoder.logitsWidth())
          .put("planned_bytes", decoder.plannedBytes())
          .put("cache_bytes", decoder.cacheBytes());
    }
    for (MethodInspection method : program.methods()) {
      if (!ModelConstants.isConstant(method)) {
        method(method, root.withArray("methods").addObject());
      }
    }
    model
        .tokenizer()
        .ifPresent(
            fit ->
                root.putObject("tokenizer")
                    .put("vocab_size", fit.vocabSize())
                    .put("bos_id", fit.bosId())
                    .put("eos_id", fit.eosId())
                    .put("fits", fit.problems().isEmpty()));
    root.set("problems", JSON.valueToTree(model.problems()));
    root.set("warnings", JSON.valueToTree(model.warnings()));
    try {
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void method(MethodInspection method, ObjectNode out) {
    out.put("name", method.meta().name());
    method.meta().inputs().forEach(in -> out.withArray("inputs").add(InspectionText.type(in)));
    method.meta().outputs().forEach(o -> out.withArray("outputs").add(InspectionText.type(o)));
    out.put("planned_bytes", method.meta().plannedBytes())
        .put("cache_bytes", method.cacheBytes())
        .put("operator_calls", method.operatorCalls())
        .put("delegate_calls", method.delegateCalls());
    out.set("operators", JSON.valueToTree(method.operators()));
    out.set("backends", JSON.valueToTree(new TreeSet<>(method.meta().backends())));
    out.set("missing_operators", JSON.valueToTree(method.missingOperators()));
    out.set("missing_backends", JSON.valueToTree(method.missingBackends()));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
