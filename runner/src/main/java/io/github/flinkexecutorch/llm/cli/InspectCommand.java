package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.ModelInspection;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks into a model without loading it. */
@Command(
    name = "inspect",
    header = "Looks into a model.",
    description = {
      "Tells what a model is: its methods, inputs, constants, operators, delegates and size, which "
          + "runner and tokenizer it wants, and what is missing to run it here."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Nothing is missing.",
      "1:The model cannot run here; the report says why.",
      "2:The arguments are wrong."
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The model (.pte).")
  private Path model;

  @Mixin private ModelArguments files;

  @Option(names = "--json", description = "Write one JSON object instead of text.")
  private boolean json;

  @Override
  public Integer call() {
    ModelInspection inspection = inspect();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(inspection.toJson());
    } else {
      out.print(inspection.toText());
    }
    out.flush();
    return inspection.problems().isEmpty() ? 0 : 1;
  }

  private ModelInspection inspect() {
    ModelInspection inspection = ModelInspection.of(model, files.dataFiles());
    Optional<Tokenizer> found = files.findTokenizer(model);
    if (found.isEmpty()) {
      return inspection;
    }
    try (Tokenizer tokenizer = found.get()) {
      return inspection.withTokenizer(tokenizer);
    }
  }
}
