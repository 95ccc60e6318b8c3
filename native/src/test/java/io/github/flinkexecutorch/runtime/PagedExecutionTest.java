package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The methods of paged.pte: paged attention of 4 query and 2 key/value heads of 16 elements. */
class PagedExecutionTest {
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;
  private static final int SIZE = 16;
  private static final int LENGTH = 50;

  private final Program program = Fixtures.open("paged.pte");
  private final ExecuTorchModule module = program.openModule(Threading.POOL);
  private final PagedStep step = new PagedStep(4, 16);

  @AfterEach
  void close() {
    module.close();
    program.close();
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void shouldAttendWhatTheSequenceHoldsUpToEachToken(KvType type) {
    try (KvPages pages = pages(2, type)) {
      float tolerance = type == KvType.FLOAT ? 1e-5f : 2e-2f;
      assertThat(run(pages, "forward", 0, LENGTH, 5, 2, 7, 0))
          .containsExactly(reference(0, 0, null), within(tolerance));
      float[] sinks = Fixtures.floats(EValue.of(Fixtures.seeded(1, 4)));
      assertThat(run(pages, "windowed", 0, LENGTH, 5, 2, 7, 0))
          .containsExactly(reference(20, 2, sinks), within(tolerance));
    }
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void shouldGiveTheSameBitsInChunksAndBesideOtherSequences(KvType type) {
    try (KvPages pages = pages(1, type)) {
      float[] whole = run(pages, "forward", 0, LENGTH, 5, 2, 7, 0);
      float[] start = run(pages, "forward", 0, 30, 1, 3);
      assertThat(start).isEqualTo(Arrays.copyOf(whole, start.length));

      step.clear();
      step.add(1, 0, new int[] {4}, 1);
      step.add(20, 30, new int[] {1, 3, 6, 8}, 4);
      step.add(3, 0, new int[] {9}, 1);
      int[] tokens =
          IntStream.concat(
                  IntStream.of(17),
                  IntStream.concat(IntStream.range(30, 50), IntStream.of(3, 40, 2)))
              .toArray();
      float[] mixed =
          Fixtures.floats(module.executePaged("forward", pages, step, inputs(tokens)).get(0));
      int row = HEADS * SIZE;
      assertThat(Arrays.copyOfRange(mixed, row, 21 * row))
          .isEqualTo(Arrays.copyOfRange(whole, 30 * row, 50 * row));
    }
  }

  @Test
  void shouldSayWhatBytesPagesTake() {
    KvPages.Shape shape = new KvPages.Shape(3, 2, 64, 32, KvType.INT8);
    assertThat(shape.pageBytes()).isEqualTo(2 * 3 * 2 * 32 * (64 + 4));
    try (KvPages pages = KvPages.allocate(shape, 5)) {
      assertThat(pages.bytes()).isEqualTo(5 * shape.pageBytes());
      assertThat(pages.pages()).isEqualTo(5);
      assertThat(pages.shape()).isEqualTo(shape);
    }
  }

  @Test
  void shouldSayThatThereIsNoMemory() {
    KvPages.Shape shape = new KvPages.Shape(1000, 1000, 1 << 16, 32, KvType.FLOAT);
    assertThatThrownBy(() -> KvPages.allocate(shape, 10_000))
        .isInstanceOfSatisfying(
            ExecuTorchException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MEMORY_ALLOCATION_FAILED))
        .hasMessageContaining("10000 KV pages");
  }

  @Test
  void shouldRefuseShapesThatNoPageHas() {
    assertThatThrownBy(() -> new KvPages.Shape(1, 1, 64, 24, KvType.FLOAT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 or 32 tokens");
    assertThatThrownBy(() -> new KvPages.Shape(0, 1, 64, 16, KvType.FLOAT))
        .isInstanceOf(IllegalArgumentException.class);
    KvPages.Shape shape = new KvPages.Shape(1, 1, 64, 16, KvType.FLOAT);
    assertThatThrownBy(() -> KvPages.allocate(shape, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseRunsThatCannotBe() {
    int[] pages = {0, 1};
    assertThatThrownBy(() -> step.add(0, 0, pages, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> step.add(1, -1, pages, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> step.add(1, 0, pages, 3)).isInstanceOf(IllegalArgumentException.class);
    IntStream.range(0, 4).forEach(i -> step.add(1, 0, pages, 2));
    assertThatThrownBy(() -> step.add(1, 0, pages, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("room for 4 runs");
  }

  @Test
  void shouldFailWithoutAStep() {
    assertThatThrownBy(() -> module.execute("forward", inputs(0, 1)))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContaining("no page tables are in force");
  }

  @Test
  void shouldFailWhereStepPagesAndProgramDoNotFit() {
    try (KvPages pages = pages(1, KvType.FLOAT);
        KvPages others = KvPages.allocate(new KvPages.Shape(1, 2, 32, 16, KvType.FLOAT), 10);
        KvPages heads = KvPages.allocate(new KvPages.Shape(1, 3, 16, 16, KvType.FLOAT), 10)) {
      step.clear();
      shouldFail("The step has 0 runs", pages, "forward", inputs(0, 1));
      step.add(1, 0, new int[] {0}, 1);
      shouldFail("the step and its pages need [1, 4, 1, 16]", pages, "forward", inputs(0, 1));
      shouldFail("layer 1, the pages have 1", pages, "windowed", inputs(0));
      shouldFail("need [1, 4, 1, 32]", others, "forward", inputs(0));
      shouldFail("no multiple of the pages' 3 key heads", heads, "forward", inputs(0));
      EValue query = EValue.of(Tensor.zeros(ScalarType.BFLOAT16, 1, HEADS, 1, SIZE));
      EValue key = EValue.of(Tensor.zeros(ScalarType.BFLOAT16, 1, KV_HEADS, 1, SIZE));
      shouldFail("query has scalar type 15, need 6", pages, "bfloat16", query, key, key);
      EValue[] uneven = {inputs(0)[0], inputs(0, 1)[1], inputs(0)[2]};
      shouldFail("key is [1, 2, 2, 16]", pages, "forward", uneven);

      step.clear();
      step.add(1, 0, new int[] {10}, 1);
      shouldFail("names page 10, there are 10", pages, "forward", inputs(0));
      step.clear();
      step.add(1, 0, new int[] {-1}, 1);
      shouldFail("names page -1", pages, "forward", inputs(0));
      step.clear();
      step.add(2, 15, new int[] {3}, 1);
      shouldFail("ends at position 17, its 1 pages at 16", pages, "forward", inputs(0, 1));
      step.clear();
      step.add(Integer.MAX_VALUE, Integer.MAX_VALUE, new int[] {3}, 1);
      shouldFail("ends at position 4294967294", pages, "forward", inputs(0, 1));

      assertThat(run(pages, "forward", 0, 2, 5)).hasSize(2 * HEADS * SIZE); // all is well again
    }
  }

  @Test
  void shouldRefuseClosedPages() {
    KvPages pages = pages(1, KvType.FLOAT);
    pages.close();
    pages.close();
    step.add(1, 0, new int[] {0}, 1);
    assertThatThrownBy(() -> module.executePaged("forward", pages, step, inputs(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  private void shouldFail(String why, KvPages pages, String method, EValue... inputs) {
    assertThatThrownBy(() -> module.executePaged(method, pages, step, inputs))
        .isInstanceOfSatisfying(
            ExecuTorchException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(why);
  }

  private static KvPages pages(int layers, KvType type) {
    return KvPages.allocate(new KvPages.Shape(layers, KV_HEADS, SIZE, 16, type), 10);
  }

  /** Runs the tokens {@code from} to {@code to} of the sequence as the only run. */
  private float[] run(KvPages pages, String method, int from, int to, int... table) {
    step.clear();
    step.add(to - from, from, table, table.length);
    EValue[] inputs = inputs(IntStream.range(from, to).toArray());
    return Fixtures.floats(module.executePaged(method, pages, step, inputs).get(0));
  }

  /** Query, key and value of these tokens of the sequence. */
  private static EValue[] inputs(int... tokens) {
    return new EValue[] {
      EValue.of(selected(1, HEADS, tokens)),
      EValue.of(selected(2, KV_HEADS, tokens)),
      EValue.of(selected(3, KV_HEADS, tokens))
    };
  }

  private static Tensor selected(int seed, int heads, int... tokens) {
    Tensor all = Fixtures.seeded(seed, 1, heads, LENGTH, SIZE);
    Tensor some = Tensor.zeros(ScalarType.FLOAT, 1, heads, tokens.length, SIZE);
    FloatBuffer from = all.floats();
    FloatBuffer to = some.floats();
    for (int head = 0; head < heads; head++) {
      for (int token : tokens) {
        to.put(from.slice((head * LENGTH + token) * SIZE, SIZE));
      }
    }
    return some;
  }

  /** Attention of the whole sequence as its definition has it, [LENGTH, HEADS, SIZE]. */
  private static float[] reference(int window, double softcap, float[] sinks) {
    float[] query = Fixtures.floats(EValue.of(Fixtures.seeded(1, 1, HEADS, LENGTH, SIZE)));
    float[] key = Fixtures.floats(EValue.of(Fixtures.seeded(2, 1, KV_HEADS, LENGTH, SIZE)));
    float[] value = Fixtures.floats(EValue.of(Fixtures.seeded(3, 1, KV_HEADS, LENGTH, SIZE)));
    float[] out = new float[LENGTH * HEADS * SIZE];
    for (int token = 0; token < LENGTH; token++) {
      for (int head = 0; head < HEADS; head++) {
        int kvHead = head / (HEADS / KV_HEADS);
        double sum = sinks == null ? 0 : Math.exp(sinks[head]);
        double[] total = new double[SIZE];
        for (int seen = window == 0 ? 0 : Math.max(0, token - window + 1); seen <= token; seen++) {
          double score = 0;
          for (int i = 0; i < SIZE; i++) {
            score +=
                0.25
                    * query[(head * LENGTH + token) * SIZE + i]
                    * key[(kvHead * LENGTH + seen) * SIZE + i];
          }
          double weight = Math.exp(softcap == 0 ? score : softcap * Math.tanh(score / softcap));
          sum += weight;
          for (int i = 0; i < SIZE; i++) {
            total[i] += weight * value[(kvHead * LENGTH + seen) * SIZE + i];
          }
        }
        for (int i = 0; i < SIZE; i++) {
          out[(token * HEADS + head) * SIZE + i] = (float) (total[i] / sum);
        }
      }
    }
    return out;
  }
}
