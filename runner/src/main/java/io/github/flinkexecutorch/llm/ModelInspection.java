package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.MethodInspection;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.ProgramInspection;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@code .pte} file is, which runner wants it and what is missing to run it here. Immutable.
 *
 * <p>Nothing is loaded but the program's constants, so looking at a model costs little memory and
 * works for models that this build cannot run.
 */
public final class ModelInspection {
  private final Path path;
  private final long bytes;
  private final ProgramInspection program;
  private final Map<String, Object> constants;
  private final ModelKind kind;
  private final List<DecoderForm> decoders;
  private final TokenizerFit tokenizer; // null until one is given
  private final List<String> problems;
  private final List<String> warnings;

  private ModelInspection(
      Path path,
      long bytes,
      ProgramInspection program,
      Map<String, Object> constants,
      ModelKind kind,
      List<DecoderForm> decoders,
      TokenizerFit tokenizer,
      List<String> problems,
      List<String> warnings) {
    this.path = path;
    this.bytes = bytes;
    this.program = program;
    this.constants = Collections.unmodifiableMap(constants);
    this.kind = kind;
    this.decoders = decoders;
    this.tokenizer = tokenizer;
    this.problems = List.copyOf(problems);
    this.warnings = List.copyOf(warnings);
  }

  /**
   * Inspects a model.
   *
   * @param model the {@code .pte} file
   * @param dataFiles {@code .ptd} files that are meant for it, often none
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException naming the file, the cause and
   *     the fix if one is damaged or no program at all
   */
  public static ModelInspection of(Path model, List<Path> dataFiles) {
    try (Program opened = Program.open(model, dataFiles, LoadMode.MMAP);
        ExecuTorchModule module = opened.openModule(Threading.INLINE)) {
      ProgramInspection program = opened.inspect();
      Map<String, MethodMeta> methods = new LinkedHashMap<>();
      program.methods().forEach(method -> methods.put(method.meta().name(), method.meta()));
      ModelKind kind = ModelKind.of(methods);
      List<String> problems = new ArrayList<>();
      List<String> warnings = new ArrayList<>();
      Map<String, Object> constants = ModelConstants.read(module, program.methods(), problems);
      new ModelCheck(kind, program, module).report(problems, warnings);
      List<DecoderForm> decoders =
          program.methods().stream()
              .filter(method -> isDecoder(method, kind))
              .flatMap(method -> DecoderForm.of(method).stream())
              .toList();
      return new ModelInspection(
          model, opened.bytes(), program, constants, kind, decoders, null, problems, warnings);
    }
  }

  /** The same inspection with what is to say of a tokenizer that is meant for the model. */
  public ModelInspection withTokenizer(Tokenizer candidate) {
    TokenizerFit fit = TokenizerFit.of(candidate, this);
    List<String> allProblems = new ArrayList<>(problems);
    allProblems.addAll(fit.problems());
    List<String> allWarnings = new ArrayList<>(warnings);
    allWarnings.addAll(fit.warnings());
    return new ModelInspection(
        path, bytes, program, constants, kind, decoders, fit, allProblems, allWarnings);
  }

  /** The family that the model belongs to; {@link ModelKind#runner()} names who runs it. */
  public ModelKind kind() {
    return kind;
  }

  /** What keeps the model from running here, each as one sentence; empty if nothing does. */
  public List<String> problems() {
    return problems;
  }

  /** What is unusual but keeps nothing from running, each as one sentence. */
  public List<String> warnings() {
    return warnings;
  }

  /** The program file. */
  public Path path() {
    return path;
  }

  /** Size of the program file and its data files. */
  public long bytes() {
    return bytes;
  }

  /** What the program calls and which data it needs. */
  public ProgramInspection program() {
    return program;
  }

  /** Values of the constant methods by name: numbers, booleans, strings and lists of these. */
  public Map<String, Object> constants() {
    return constants;
  }

  /** A report for people. */
  public String toText() {
    return new InspectionText(this).toString();
  }

  /** The same for programs: one JSON object. */
  public String toJson() {
    return InspectionJson.of(this);
  }

  List<DecoderForm> decoders() {
    return decoders;
  }

  Optional<TokenizerFit> tokenizer() {
    return Optional.ofNullable(tokenizer);
  }

  // A program may hold several decoders: prefill and decode, or one for each LoRA adapter.
  private static boolean isDecoder(MethodInspection method, ModelKind kind) {
    return switch (kind) {
      case TEXT_DECODER, PREFILL_DECODE -> ModelKind.takesTokens(method.meta());
      case MULTIMODAL, SEQ2SEQ, DEEP_FUSION, TOKENS_AND_EMBEDDINGS ->
          List.of("text_decoder", "forward", "prefill").contains(method.meta().name());
      default -> false;
    };
  }
}
