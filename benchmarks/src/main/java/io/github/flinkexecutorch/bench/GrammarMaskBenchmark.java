package io.github.flinkexecutorch.bench;

import io.github.flinkexecutorch.llm.LogitProcessor;
import io.github.flinkexecutorch.llm.grammar.Grammar;
import io.github.flinkexecutorch.llm.grammar.Grammars;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What constrained output adds to each token at a vocabulary of 32,000: the mask of a state that
 * was there before, and that of a state seen for the first time. {@link DecodeStepBenchmark} gives
 * what it adds it to.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class GrammarMaskBenchmark {
  private static final int VOCABULARY = 32_000;
  private static final int COUNTED_LENGTH = 200;

  /**
   * Where in the text: {@code structure} allows a handful of tokens, {@code counted} and {@code
   * free} are inside strings with and without a length, where nearly all are allowed.
   */
  @Param({"structure", "counted", "free"})
  public String place;

  private final SyntheticVocabulary vocabulary = new SyntheticVocabulary(VOCABULARY, 1);
  private final float[] scores = new float[VOCABULARY];
  private final float[] logits = new float[VOCABULARY];
  private LogitProcessor processor;

  /** Makes the scores, and a processor at its place. */
  @Setup(Level.Trial)
  public void setUp() {
    Random random = new Random(2);
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) random.nextGaussian();
    }
    processor = advanced(compile(schema(place)).newProcessor(), place);
  }

  /** As most tokens of most generations have it. */
  @Benchmark
  public float[] maskOfAKnownState() {
    System.arraycopy(scores, 0, logits, 0, scores.length);
    processor.process(logits);
    return logits;
  }

  /** The copy alone, to be taken off the others. */
  @Benchmark
  public float[] copyOfTheLogits() {
    System.arraycopy(scores, 0, logits, 0, scores.length);
    return logits;
  }

  /** As the first generation by a grammar has it. */
  @Benchmark
  public float[] maskOfANewState(NewState fresh) {
    System.arraycopy(scores, 0, logits, 0, scores.length);
    fresh.processor.process(logits);
    return logits;
  }

  private Grammar compile(String schema) {
    return Grammars.compile(Grammars.JSON_SCHEMA, schema, vocabulary, Set.of(vocabulary.eosId()));
  }

  private static String schema(String place) {
    String text = place.equals("counted") ? ",\"maxLength\":" + COUNTED_LENGTH : "";
    return "{\"type\":\"object\",\"properties\":{"
        + "\"category\":{\"enum\":[\"billing\",\"delivery\",\"returns\"]},"
        + "\"text\":{\"type\":\"string\""
        + text
        + "}},\"required\":[\"category\",\"text\"]}";
  }

  private static LogitProcessor advanced(LogitProcessor processor, String place) {
    String text =
        switch (place) {
          case "structure" -> "{\"category\":\"";
          default -> "{\"category\":\"billing\",\"text\":\"where is";
        };
    for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
      processor.accept(value & 0xff); // the first 256 tokens are the bytes
    }
    return processor;
  }

  /** A grammar without masks for each call; compiling it is not measured. */
  @State(Scope.Thread)
  public static class NewState {
    private int grammars;
    private LogitProcessor processor;

    /** Compiles a schema that was never seen. */
    @Setup(Level.Invocation)
    public void setUp(GrammarMaskBenchmark benchmark) {
      String schema = schema(benchmark.place);
      schema = schema.substring(0, schema.length() - 1) + ",\"$comment\":\"" + grammars++ + "\"}";
      processor = advanced(benchmark.compile(schema).newProcessor(), benchmark.place);
    }
  }
}
