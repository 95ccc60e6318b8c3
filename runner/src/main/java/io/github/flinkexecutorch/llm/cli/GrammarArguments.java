package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.GenerationConfig;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What the completion must match. */
final class GrammarArguments {
  private static final int MAX_BYTES = 1 << 20;

  @Option(
      names = "--json-schema",
      paramLabel = "FILE",
      description = "The completion is JSON that this JSON schema allows.")
  private Path schema;

  @Option(
      names = "--regex",
      paramLabel = "PATTERN",
      description = "The whole completion matches this regular expression.")
  private String regex;

  /**
   * The configuration with the grammar.
   *
   * @throws ParameterException if there is more than one
   */
  GenerationConfig apply(CommandLine command, GenerationConfig config) {
    if (schema != null && regex != null) {
      throw new ParameterException(command, "Give --json-schema or --regex, not both");
    }
    if (schema != null) {
      String json = Utf8Text.read(schema, MAX_BYTES, "The JSON schema");
      return config.toBuilder().grammar("json_schema", json).build();
    }
    return regex == null ? config : config.toBuilder().grammar("regex", regex).build();
  }
}
