package io.github.flinkexecutorch.bench;

import io.github.flinkexecutorch.llm.grammar.Grammar;
import io.github.flinkexecutorch.llm.grammar.Grammars;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the first request with a schema pays before it generates. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class GrammarCompileBenchmark {
  private static final int VOCABULARY = 32_000;

  /**
   * Five properties of a ticket (about 1,000 states), any JSON value (7,000), a string of at most
   * 1,000 characters (20,000).
   */
  @Param({"ticket", "any", "long"})
  public String schema;

  private final SyntheticVocabulary vocabulary = new SyntheticVocabulary(VOCABULARY, 1);
  private int compiled;

  /** Compiles a schema that was never seen. */
  @Benchmark
  public Grammar compile() {
    String keywords =
        switch (schema) {
          case "ticket" ->
              "\"type\":\"object\",\"properties\":{"
                  + "\"category\":{\"enum\":[\"account\",\"billing\",\"delivery\",\"returns\"]},"
                  + "\"priority\":{\"enum\":[\"low\",\"normal\",\"high\"]},"
                  + "\"product\":{\"type\":\"string\",\"maxLength\":40},"
                  + "\"order_id\":{\"type\":[\"string\",\"null\"],\"pattern\":\"^[0-9]{6}$\"},"
                  + "\"sentiment\":{\"enum\":[\"negative\",\"neutral\",\"positive\"]}},"
                  + "\"required\":[\"category\",\"priority\",\"product\",\"order_id\"]";
          case "any" -> "\"title\":\"Anything\"";
          default -> "\"type\":\"string\",\"maxLength\":1000";
        };
    return Grammars.compile(
        Grammars.JSON_SCHEMA,
        "{" + keywords + ",\"$comment\":\"" + compiled++ + "\"}",
        vocabulary,
        Set.of(vocabulary.eosId()));
  }
}
