package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.runtime.Internal;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * The command line of the runners. Exit codes: 0 done, 1 the model or the prompt does not work, 2
 * the arguments are wrong.
 */
@Internal
@Command(
    name = "bin/llm",
    description = "Runs language models in ExecuTorch's form (.pte), or looks into them.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Done.",
      "1:The model or the prompt does not work; one message says why.",
      "2:The arguments are wrong."
    })
public final class Llm {
  /**
   * Read by the logging configuration of bin/llm, so set before the first logger is made. No level
   * ever shows a prompt.
   */
  private static final String LOG_LEVEL = "llm.log.level";

  /** Set by bin/llm where the standard input is a keyboard. */
  private static final String KEYBOARD = "llm.keyboard";

  private boolean verbose;

  private Llm() {}

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and end.")
  void setHelp(boolean value) {
    // picocli itself does what is to be done
  }

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show log records of level INFO, and where an error comes from.")
  void setVerbose(boolean value) {
    verbose = value;
    if (value) {
      System.setProperty(LOG_LEVEL, "INFO");
    }
  }

  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Optional<InputStream> piped =
        Boolean.getBoolean(KEYBOARD) ? Optional.empty() : Optional.of(System.in);
    int code = commandLine(piped, out, err).execute(args);
    out.flush();
    System.exit(code);
  }

  /**
   * The whole command line, to execute once.
   *
   * @param piped where a prompt comes from that no argument gives; empty if that is a keyboard
   * @param out receives completions and reports on models
   * @param err receives statistics and error messages
   */
  static CommandLine commandLine(Optional<InputStream> piped, PrintWriter out, PrintWriter err) {
    Llm llm = new Llm();
    return new CommandLine(llm)
        .addSubcommand(new RunCommand(piped))
        .addSubcommand(new InspectCommand())
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler(Llm::wrongArguments)
        .setExecutionExceptionHandler(llm::failed);
  }

  private static int wrongArguments(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command.getErr().println(e.getMessage());
    command.getErr().println("Try " + command.getCommandSpec().qualifiedName() + " --help");
    command.getErr().flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private int failed(Exception e, CommandLine command, CommandLine.ParseResult arguments) {
    PrintWriter err = command.getErr();
    command.getOut().flush();
    err.println(Failures.message(e));
    if (verbose) {
      e.printStackTrace(err);
    }
    err.flush();
    return command.getCommandSpec().exitCodeOnExecutionException();
  }
}
