package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.ProcessMemory;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Many records of all kinds through one engine that is short of pages and whose steps fail now and
 * then. Everything about a record follows from its number and the seed.
 */
final class Soak {
  private static final BatchedGoldens MODEL = BatchedGoldens.exact();
  private static final int OUTSTANDING = 64;
  private static final int PAGES = 20;
  private static final int FAULT_PERIOD = 1009;
  private static final int SAMPLE_PERIOD = 37;

  /** What a record is meant for, or how it ended. */
  enum Kind {
    COMPLETED,
    CANCELLED,
    TIMED_OUT,
    REFUSED,
    FAILED
  }

  private final int seed;
  private final int records;
  private final AtomicIntegerArray ends;
  private final Map<Kind, AtomicInteger> counts = new EnumMap<>(Kind.class);
  private final Map<Integer, GenerationResult> sample = new HashMap<>();

  Soak(int seed, int records) {
    this.seed = seed;
    this.records = records;
    this.ends = new AtomicIntegerArray(records);
    for (Kind kind : Kind.values()) {
      counts.put(kind, new AtomicInteger());
    }
  }

  /** In a JVM of its own: prints resident memory after a third of the records, and at the end. */
  public static void main(String[] arguments) throws InterruptedException {
    new Soak(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1])).run();
  }

  private void run() throws InterruptedException {
    EngineOptions options = Engines.withPages(MODEL, EngineOptions.DEFAULTS, PAGES);
    FaultyModel faults = FaultyModel.failing(number -> number % FAULT_PERIOD == FAULT_PERIOD - 1);
    EngineStats stats;
    try (LLMEngine engine = Engines.open(MODEL.spec(), options, faults)) {
      submit(engine, 0, records / 3);
      long before = settledBytes();
      submit(engine, records / 3, records);
      long after = settledBytes();
      stats = engine.stats();
      require(stats.usedPages() == 0 && stats.running() == 0, "pages are still used: " + stats);
      require(stats.idlePages() <= PAGES, "more idle pages than there are: " + stats);
      require(stats.preemptions() > 0, "nothing was preempted: " + stats);
      require(stats.failedSteps() == faults.executions() / FAULT_PERIOD, "failed steps: " + stats);
      require(stats.cachedPromptTokens() > 0, "nothing was shared: " + stats);
      System.out.println(before / 1024);
      System.out.println(after / 1024);
    }
    for (int i = 0; i < records; i++) {
      require(ends.get(i) == 1, "record " + i + " ended " + ends.get(i) + " times");
    }
    compareWithAQuietRun();
    System.out.printf("%s, %d alone, %s%n", counts, sample.size(), stats);
  }

  private void submit(LLMEngine engine, int from, int to) throws InterruptedException {
    Semaphore room = new Semaphore(OUTSTANDING);
    for (int i = from; i < to; i++) {
      int number = i;
      room.acquire();
      CompletableFuture<CompletableFuture<GenerationResult>> own = new CompletableFuture<>();
      CompletableFuture<GenerationResult> future = engine.submit(request(number, own));
      own.complete(future);
      var unused =
          future.whenComplete(
              (result, failure) -> {
                ends.incrementAndGet(number);
                end(number, result, failure);
                room.release();
              });
    }
    room.acquire(OUTSTANDING);
    while (engine.stats().running() > 0) {
      Thread.sleep(1);
    }
  }

  private void end(int number, GenerationResult result, Throwable failure) {
    Kind kind = kind(failure);
    counts.get(kind).incrementAndGet();
    Kind wanted = wanted(number);
    boolean expected =
        kind == wanted
            || kind == Kind.FAILED // a step of its own failed
            || (kind == Kind.COMPLETED && wanted == Kind.CANCELLED); // it was over before
    if (!expected) {
      ends.addAndGet(number, 1000);
    }
    if (kind == Kind.COMPLETED && number % SAMPLE_PERIOD == 0) {
      synchronized (sample) {
        sample.put(number, result);
      }
    }
  }

  private static Kind kind(Throwable failure) {
    if (failure == null) {
      return Kind.COMPLETED;
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof CancellationException) {
      return Kind.CANCELLED;
    }
    if (cause instanceof GenerationTimeoutException) {
      return Kind.TIMED_OUT;
    }
    if (cause instanceof InvalidRequestException) {
      return Kind.REFUSED;
    }
    if (cause instanceof ExecuTorchException) {
      return Kind.FAILED;
    }
    throw new AssertionError("Nobody may fail like this", cause);
  }

  private void compareWithAQuietRun() {
    EngineOptions quiet = EngineOptions.DEFAULTS.withMaxSequences(1).withPrefixCache(false);
    try (LLMEngine engine = Engines.open(MODEL, quiet)) {
      sample.forEach(
          (number, result) -> {
            GenerationResult alone =
                engine
                    .submit(request(number, new CompletableFuture<>()).withListener(t -> {}))
                    .join();
            boolean same =
                alone.tokens().equals(result.tokens())
                    && alone.text().equals(result.text())
                    && alone.logprobs().equals(result.logprobs());
            require(same, "record " + number + " has another completion alone");
          });
    }
    require(!sample.isEmpty(), "nothing to compare");
  }

  private Kind wanted(int number) {
    int place = random(number).nextInt(100);
    return place < 5
        ? Kind.REFUSED
        : place < 12 ? Kind.CANCELLED : place < 16 ? Kind.TIMED_OUT : Kind.COMPLETED;
  }

  private GenerationRequest request(
      int number, CompletableFuture<CompletableFuture<GenerationResult>> own) {
    SplittableRandom random = random(number);
    random.nextInt(100); // as in wanted()
    Kind kind = wanted(number);
    List<String> pieces = new ArrayList<>();
    int cancelAfter = 1 + random.nextInt(5);
    return new GenerationRequest(
            "record " + number,
            prompt(kind, random),
            config(random),
            kind == Kind.TIMED_OUT ? Duration.ZERO : null)
        .withPriority(random.nextInt(5) == 0 ? random.nextInt(3) : 0)
        .withListener(
            piece -> {
              pieces.add(piece);
              if (kind == Kind.CANCELLED && pieces.size() == cancelAfter) {
                own.join().cancel(true);
              }
            });
  }

  private static String prompt(Kind kind, SplittableRandom random) {
    if (kind == Kind.REFUSED) {
      return random.nextBoolean() ? " " : "too long ".repeat(200);
    }
    String text = MODEL.goldens().get(random.nextInt(MODEL.goldens().size())).prompt();
    String beginning = text.substring(0, 1 + random.nextInt(text.length()));
    return beginning + (random.nextInt(3) == 0 ? " " + random.nextInt(100) : "");
  }

  private static GenerationConfig config(SplittableRandom random) {
    return GenerationConfig.builder()
        .temperature(random.nextBoolean() ? 0 : 0.9f)
        .seed(random.nextLong())
        .maxNewTokens(1 + random.nextInt(random.nextInt(10) == 0 ? 60 : 12))
        .ignoreEos(random.nextBoolean())
        .repetitionPenalty(random.nextInt(4) == 0 ? 1.2f : 1)
        .stop(random.nextInt(4) == 0 ? List.of("ing") : List.of())
        .logprobs(true)
        .build();
  }

  private SplittableRandom random(int number) {
    return new SplittableRandom(seed * 1_000_003L + number);
  }

  private static long settledBytes() {
    System.gc();
    return ProcessMemory.rssBytes();
  }

  private static void require(boolean valid, String message) {
    if (!valid) {
      throw new AssertionError(message);
    }
  }
}
