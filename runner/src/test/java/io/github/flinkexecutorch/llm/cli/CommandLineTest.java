package io.github.flinkexecutorch.llm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.Goldens;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
class CommandLineTest {
  private static final Goldens TICKET = Goldens.of(Goldens.TICKETS).get(0);
  private static final String MODEL = Goldens.TICKETS.resolve("model.pte").toString();

  static Stream<Path> models() {
    return Stream.of(Goldens.TICKETS, Goldens.OPTIMUM_LLAMA);
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldGenerateTheTokensOfTheOfficialRunner(Path folder) throws Exception {
    Goldens golden = Goldens.of(folder).get(0);

    Ended ended =
        Ended.of(
            "run",
            "--model=" + folder.resolve("model.pte"),
            "--prompt=" + golden.prompt(),
            "--temperature=0",
            "--max-new-tokens=" + golden.tokens().size(),
            "--json");

    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.err()).isEmpty();
    JsonNode result = new ObjectMapper().readTree(ended.out());
    assertThat(result.get("tokens"))
        .extracting(JsonNode::asInt)
        .containsExactlyElementsOf(golden.tokens());
    assertThat(result.get("stats").get("prompt_tokens").asInt())
        .isEqualTo(golden.promptTokens().size());
    assertThat(result.has("logprobs")).isFalse();
  }

  @Test
  void shouldStreamTheTextAndReportTheStatistics() {
    Ended ended = run("--prompt=" + TICKET.prompt(), "--temperature=0");

    assertThat(ended.code()).isZero();
    assertThat(ended.out()).isEqualTo(TICKET.text() + System.lineSeparator());
    assertThat(ended.err())
        .startsWith("PyTorchObserver {\"prefill_token_per_sec\"")
        .contains("Time to first generated token", "RSS after finishing text generation")
        .doesNotContain(TICKET.text());
  }

  @Test
  void shouldWriteNoStatisticsWhenNotWanted() {
    Ended ended = run("--prompt=a", "--max-new-tokens=2", "--no-stats");

    assertThat(ended.code()).isZero();
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void shouldTakeThePromptFromAFileOrAPipeAsItIs(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("prompt.txt"), TICKET.prompt());
    String text = TICKET.text() + System.lineSeparator();

    assertThat(run("--prompt-file=" + file, "--temperature=0").out()).isEqualTo(text);
    assertThat(piped(TICKET.prompt().getBytes(StandardCharsets.UTF_8), "--temperature=0").out())
        .isEqualTo(text);
  }

  @Test
  void shouldEchoStopRepeatAndWarmUp() {
    Ended ended =
        run(
            "--prompt=" + TICKET.prompt(),
            "--temperature=0",
            "--echo",
            "--stop=,",
            "--repeat=2",
            "--warmup");

    String once = TICKET.prompt() + TICKET.text().substring(0, TICKET.text().indexOf(','));
    assertThat(ended.out()).isEqualTo((once + System.lineSeparator()).repeat(2));
    assertThat(ended.err().split("PyTorchObserver", -1)).hasSize(3);
  }

  @Test
  void shouldGiveEqualTextForEqualSeedsOnly() {
    String[] arguments = {"--prompt=Ticket: ", "--temperature=1.5", "--max-new-tokens=20"};

    String first = run(with(arguments, "--seed=1")).out();
    assertThat(run(with(arguments, "--seed=1")).out()).isEqualTo(first);
    assertThat(run(with(arguments, "--seed=2")).out()).isNotEqualTo(first);
  }

  @Test
  void shouldShowLogprobsInJson() throws Exception {
    Ended ended = run("--prompt=a", "--max-new-tokens=3", "--ignore-eos", "--json", "--logprobs");

    assertThat(new ObjectMapper().readTree(ended.out()).get("logprobs")).hasSize(3);
  }

  @Test
  void shouldReproduceUpstreamWhenCompatible() {
    // Upstream refuses temperatures above 1; ours takes them.
    assertThat(run("--prompt=a", "--temperature=1.2", "--max-new-tokens=1").code()).isZero();
    Ended ended = run("--prompt=a", "--temperature=1.2", "--max-new-tokens=1", "--compat");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("temperature");
  }

  @Test
  void shouldRefuseWrongArgumentsWithTwoAndOneLine() {
    Ended.of("run", "--prompt=a").assertWrong("--model");
    Ended.of("run", "--model=" + MODEL).assertWrong("pipe the prompt in");
    run("--prompt=a", "--prompt-file=b").assertWrong("not both");
    run("--prompt=a", "--temperature=-1").assertWrong("temperature must be");
    run("--prompt=a", "--threads=0").assertWrong("--threads");
    run("--prompt=a", "--repeat=0").assertWrong("--repeat");
    run("--prompt=a", "--logprobs").assertWrong("--json");
    run("--prompt=a", "--stop=").assertWrong("stop");
    run("--prompt=a", "--no-such-option").assertWrong("--no-such-option");
    Ended.of("inspect").assertWrong("MODEL");
  }

  @Test
  void shouldFailWithOneAndOneMessageWithoutPromptOrTrace() {
    String secret = "secret-prompt ".repeat(400);
    run("--prompt=" + secret).assertFailed("context");
    run("--prompt=").assertFailed("prompt");
    Ended.of("run", "--model=none.pte", "--prompt=a", tokenizer()).assertFailed("none.pte");
    Ended.of("run", "--model=" + program("missing-operator.pte"), "--prompt=a", tokenizer())
        .assertFailed("no kernel for demo::unavailable.out");
    run("--prompt-file=none.txt").assertFailed("none.txt");
    piped(new byte[] {(byte) 0xff}).assertFailed("UTF-8");
  }

  @Test
  void shouldShowWhereAnErrorComesFromWhenVerbose() {
    Ended ended = run("--prompt=", "--verbose");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("\tat io.github.flinkexecutorch");
  }

  @Test
  void shouldExplainEveryCommand() {
    assertThat(Ended.of("--help").out()).contains("run", "inspect", "Exit codes");
    assertThat(Ended.of("run", "--help").out())
        .contains("--model", "--prompt-file", "--temperature", "Default: 0.8", "--compat");
    assertThat(Ended.of("inspect", "--help").out()).contains("MODEL", "--json", "--tokenizer");
  }

  @Test
  void shouldInspect() throws Exception {
    Ended text = Ended.of("inspect", MODEL);
    assertThat(text.code()).isZero();
    assertThat(text.out()).contains("TextLLMRunner", "it fits", "Nothing is missing.");

    Ended json = Ended.of("inspect", "--json", MODEL);
    assertThat(new ObjectMapper().readTree(json.out()).get("runner").asText())
        .isEqualTo("TextLLMRunner");

    Ended data =
        Ended.of(
            "inspect",
            program("external-delegate.pte"),
            "--data=" + program("external-delegate.ptd"));
    assertThat(data.code()).isEqualTo(1);
    assertThat(data.out())
        .contains("2 constants are outside, 0 of them missing", "no language model");
    Ended.of("inspect", "none.pte").assertFailed("none.pte");
  }

  @Test
  void shouldStopAndStillReportWhenTheProcessIsEnded() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Llm.class.getName(),
                "run",
                "--model=" + MODEL,
                "--prompt=Ticket:",
                "--ignore-eos",
                "--repeat=1000000")
            .redirectError(ProcessBuilder.Redirect.to(errors.resolve("err").toFile()))
            .start();
    try (InputStream out = process.getInputStream()) {
      assertThat(out.read()).isNotNegative(); // the first piece
      process.toHandle().destroy(); // SIGTERM; Ctrl-C takes the same way
      out.transferTo(OutputStream.nullOutputStream());
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).isEqualTo(128 + 15);
    assertThat(Files.readString(errors.resolve("err")))
        .contains("PyTorchObserver")
        .endsWith("(0 if unsupported)" + System.lineSeparator());
  }

  @TempDir private Path errors;

  private static Ended run(String... arguments) {
    return Ended.of(with(new String[] {"run", "--model=" + MODEL}, arguments));
  }

  private static Ended piped(byte[] prompt, String... arguments) {
    return Ended.of(
        Optional.of(new ByteArrayInputStream(prompt)),
        with(new String[] {"run", "--model=" + MODEL}, arguments));
  }

  private static String tokenizer() {
    return "--tokenizer=" + Goldens.TICKETS;
  }

  private static String program(String name) {
    return Path.of("")
        .toAbsolutePath()
        .getParent()
        .resolve("native/src/test/resources")
        .resolve(name)
        .toString();
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
  }
}
