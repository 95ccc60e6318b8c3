package io.github.flinkexecutorch.llm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a command ended and what it wrote. */
record Ended(int code, String out, String err) {
  /** Executes a command without a pipe. */
  static Ended of(String... arguments) {
    return of(Optional.empty(), arguments);
  }

  static Ended of(Optional<InputStream> piped, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Llm.commandLine(piped, new PrintWriter(out), new PrintWriter(err)).execute(arguments);
    return new Ended(code, out.toString(), err.toString());
  }

  /** The result of a generation that went well, written with --json. */
  JsonNode result() throws IOException {
    assertThat(code).as(err).isZero();
    return new ObjectMapper().readTree(out);
  }

  List<Integer> tokens() throws IOException {
    List<Integer> tokens = new ArrayList<>();
    result().get("tokens").forEach(token -> tokens.add(token.asInt()));
    return tokens;
  }

  /** The arguments were wrong, and a part of the message says why. */
  void assertWrong(String part) {
    assertThat(code).as(err).isEqualTo(2);
    assertThat(err).contains(part, "--help").doesNotContain("\tat ");
    assertThat(out).isEmpty();
  }

  /** The model or the prompt did not work, and one message says why. */
  void assertFailed(String... parts) {
    assertThat(code).as(err).isEqualTo(1);
    assertThat(err.lines()).hasSize(1);
    assertThat(err).contains(parts).doesNotContain("secret-prompt");
    assertThat(out).isEmpty();
  }
}
