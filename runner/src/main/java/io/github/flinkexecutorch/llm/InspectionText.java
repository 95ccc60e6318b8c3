package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.MethodInspection;
import io.github.flinkexecutorch.runtime.ProgramInspection;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes an inspection for people: one fact a line, the verdict last. */
final class InspectionText {
  private static final int LABEL = 12;
  private static final int CONSTANT = 24;
  private static final int WIDTH = 110;
  private static final int LONGEST_VALUE = 80;

  private final ModelInspection model;
  private final StringBuilder out = new StringBuilder();

  InspectionText(ModelInspection model) {
    this.model = model;
    write();
  }

  @Override
  public String toString() {
    return out.toString();
  }

  private void write() {
    ProgramInspection program = model.program();
    line("model", model.path() + ", " + bytes(model.bytes()));
    line("kind", model.kind().description());
    line("runner", model.kind().runner().orElse("none"));
    model.decoders().forEach(this::decoder);
    if (!model.decoders().isEmpty()) {
      line("tokenizer", tokenizer());
    }
    line(
        "weights",
        bytes(program.constantBytes())
            + " of constants, "
            + bytes(program.delegateBytes() + program.namedDataBytes())
            + " inside of delegates");
    line(
        "data files",
        program.externalData().isEmpty()
            ? "none needed"
            : program.externalData().size()
                + " constants are outside, "
                + program.missingData().size()
                + " of them missing");
    line("schema", "version " + program.schemaVersion());
    if (!model.constants().isEmpty()) {
      out.append("\nconstants\n");
      model.constants().forEach(this::constant);
    }
    out.append("\nmethods\n");
    program.methods().stream()
        .filter(method -> !ModelConstants.isConstant(method))
        .forEach(this::method);
    verdict("warnings", model.warnings());
    if (model.problems().isEmpty()) {
      out.append("\nNothing is missing.\n");
    } else {
      verdict("problems", model.problems());
    }
  }

  private void decoder(DecoderForm decoder) {
    line(
        decoder.method(),
        "at most "
            + decoder.maxTokens()
            + (decoder.maxTokens() == 1 ? " token" : " tokens")
            + " an execution; positions: "
            + decoder.positions().description()
            + "; logits "
            + decoder.logitsType().toString().toLowerCase(Locale.ROOT)
            + ", "
            + decoder.logitsWidth()
            + " wide");
    line(
        "",
        bytes(decoder.plannedBytes())
            + " for each runner"
            + (decoder.cacheBytes() == 0
                ? ""
                : ", " + bytes(decoder.cacheBytes()) + " of that its KV cache"));
  }

  private String tokenizer() {
    String wanted =
        model.decoders().stream()
            .findFirst()
            .map(
                decoder ->
                    "for "
                        + decoder.logitsWidth()
                        + " ids"
                        + KnownVocabularies.family(decoder.logitsWidth())
                            .map(family -> ", as those of " + family)
                            .orElse(""))
            .orElse("unknown");
    return model
        .tokenizer()
        .map(
            fit ->
                wanted
                    + "; the one given has "
                    + fit.vocabSize()
                    + ", bos "
                    + id(fit.bosId())
                    + ", eos "
                    + id(fit.eosId())
                    + (fit.problems().isEmpty() ? ": it fits" : ": it does not fit"))
        .orElse(wanted);
  }

  private static String id(int id) {
    return id == Tokenizer.UNKNOWN ? "unknown" : Integer.toString(id);
  }

  private void constant(String name, Object value) {
    String text = value.toString().replace('\n', ' ');
    out.append("  ")
        .append(pad(name, CONSTANT))
        .append(text.length() > LONGEST_VALUE ? text.substring(0, LONGEST_VALUE) + "..." : text)
        .append('\n');
  }

  private void method(MethodInspection method) {
    out.append("  ")
        .append(method.meta().name())
        .append(types(method.meta().inputs()))
        .append(" -> ")
        .append(types(method.meta().outputs()))
        .append('\n');
    out.append("    planned ")
        .append(bytes(method.meta().plannedBytes()))
        .append("; operator calls: ")
        .append(method.operatorCalls())
        .append("; delegate calls: ")
        .append(method.delegateCalls())
        .append(
            method.meta().backends().isEmpty()
                ? ""
                : " (" + String.join(", ", new TreeSet<>(method.meta().backends())) + ")")
        .append('\n');
    wrapped(method.operators());
  }

  private void wrapped(List<String> words) {
    StringBuilder row = new StringBuilder();
    for (String word : words) {
      if (!row.isEmpty() && row.length() + word.length() > WIDTH) {
        out.append("    ").append(row.toString().stripTrailing()).append('\n');
        row.setLength(0);
      }
      row.append(word).append(' ');
    }
    if (!row.isEmpty()) {
      out.append("    ").append(row.toString().stripTrailing()).append('\n');
    }
  }

  private void verdict(String title, List<String> sentences) {
    if (!sentences.isEmpty()) {
      out.append('\n').append(title).append('\n');
      sentences.forEach(sentence -> out.append("  ").append(sentence).append('\n'));
    }
  }

  private void line(String label, String text) {
    out.append(pad(label, LABEL)).append(text).append('\n');
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }

  static String types(List<TensorMeta> values) {
    return values.stream().map(InspectionText::type).collect(Collectors.joining(", ", "(", ")"));
  }

  static String type(TensorMeta value) {
    if (value.kind() != EValue.Kind.TENSOR) {
      return value.kind().toString().toLowerCase(Locale.ROOT);
    }
    return (value.type() == null ? "unknown" : value.type().toString().toLowerCase(Locale.ROOT))
        + value.sizes();
  }

  private static String bytes(long count) {
    return String.format(Locale.ROOT, "%,d bytes", count);
  }
}
