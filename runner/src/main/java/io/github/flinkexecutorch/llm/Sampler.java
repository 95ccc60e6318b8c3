package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.Arrays;

/**
 * Chooses the next token from logits. Equal logits, options and seeds give equal choices on every
 * machine; of equally likely tokens the one with the lowest id comes first.
 *
 * <p>Confined to one thread; keeps its buffers from one generation to the next.
 */
final class Sampler {
  private final int vocabSize;
  private float[] probabilities = new float[0]; // not before they are needed
  private long[] ranked = new long[0];
  private GenerationConfig config = GenerationConfig.greedy();
  private long randomState = 1;

  /**
   * @param vocabSize ids from this on are never chosen, however wide the logits are
   */
  Sampler(int vocabSize) {
    this.vocabSize = vocabSize;
  }

  /** Starts a new random sequence with these options. */
  void start(GenerationConfig config) {
    this.config = config;
    randomState = scramble(config.seed());
  }

  /**
   * The next token.
   *
   * @param logits one row, at least as wide as the vocabulary; not changed
   */
  int sample(float[] logits) {
    int likeliest = argmax(logits);
    float scale = 1 / config.temperature();
    if (!Float.isFinite(scale)) {
      return likeliest;
    }
    softmax(logits, logits[likeliest], scale);
    float coin = nextCoin();
    if (config.topK() > 0 && config.topK() < vocabSize) {
      return sampleTopK(coin);
    }
    return config.topP() < 1 ? sampleTopP(coin, likeliest) : sampleAll(coin);
  }

  /**
   * The token with the highest logit.
   *
   * @param logits as for {@link #sample}
   */
  int likeliest(float[] logits) {
    return argmax(logits);
  }

  /**
   * Natural logarithm of a token's probability without temperature, over the whole vocabulary.
   *
   * @param logits as for {@link #sample}
   */
  float logprob(float[] logits, int token) {
    double max = logits[argmax(logits)];
    double sum = 0;
    for (int id = 0; id < vocabSize; id++) {
      double weight = Math.exp(logits[id] - max);
      sum += Double.isNaN(weight) ? 0 : weight;
    }
    return (float) (logits[token] - max - Math.log(sum));
  }

  private int argmax(float[] logits) {
    int best = -1;
    float max = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < vocabSize; id++) {
      if (logits[id] > max) {
        max = logits[id];
        best = id;
      }
    }
    if (best < 0 || max == Float.POSITIVE_INFINITY) {
      throw new ExecuTorchException(
          ErrorCode.INTERNAL,
          "The model returned logits without a finite maximum; its weights may be damaged, or its "
              + "numbers too large for its type");
    }
    return best;
  }

  private void softmax(float[] logits, float max, float scale) {
    if (probabilities.length == 0) {
      probabilities = new float[vocabSize];
    }
    float sum = 0;
    for (int id = 0; id < vocabSize; id++) {
      float weight = (float) Math.exp((logits[id] - max) * scale);
      probabilities[id] = Float.isNaN(weight) ? 0 : weight;
      sum += probabilities[id];
    }
    for (int id = 0; id < vocabSize; id++) {
      probabilities[id] /= sum;
    }
  }

  private int sampleAll(float coin) {
    float cumulative = 0;
    int last = 0;
    for (int id = 0; id < vocabSize; id++) {
      if (probabilities[id] > 0) {
        last = id;
      }
      cumulative += probabilities[id];
      if (coin < cumulative) {
        return id;
      }
    }
    return last;
  }

  private int sampleTopP(float coin, int likeliest) {
    // A token below this cannot be in the set, even if all the others share the rest equally.
    float cutoff = (1 - config.topP()) / Math.max(1, vocabSize - 1);
    int count = 0;
    reserve(vocabSize);
    for (int id = 0; id < vocabSize; id++) {
      if (probabilities[id] >= cutoff || id == likeliest) {
        ranked[count++] = rank(id);
      }
    }
    Arrays.sort(ranked, 0, count);
    float mass = 0;
    int kept = 0;
    while (kept < count && mass <= config.topP()) {
      mass += probabilities[idOf(ranked[kept++])];
    }
    return sampleRanked(kept, coin * mass);
  }

  private int sampleTopK(float coin) {
    int limit = config.topK();
    int count = 0;
    reserve(limit);
    for (int id = 0; id < vocabSize; id++) {
      long rank = rank(id);
      if (count == limit && rank > ranked[limit - 1]) {
        continue;
      }
      int place = -1 - Arrays.binarySearch(ranked, 0, count, rank);
      System.arraycopy(ranked, place, ranked, place + 1, Math.min(count, limit - 1) - place);
      ranked[place] = rank;
      count = Math.min(count + 1, limit);
    }
    float mass = 0;
    for (int i = 0; i < count; i++) {
      mass += probabilities[idOf(ranked[i])];
    }
    return sampleRanked(count, coin * mass);
  }

  private int sampleRanked(int count, float coin) {
    float cumulative = 0;
    for (int i = 0; i < count; i++) {
      cumulative += probabilities[idOf(ranked[i])];
      if (coin < cumulative) {
        return idOf(ranked[i]);
      }
    }
    return idOf(ranked[count - 1]);
  }

  private void reserve(int size) {
    if (ranked.length < size) {
      ranked = new long[size];
    }
  }

  /**
   * Orders by falling probability, then by rising id: bits of floats {@code >= 0} order like
   * integers.
   */
  private long rank(int id) {
    return ((long) ~Float.floatToRawIntBits(probabilities[id]) << Integer.SIZE) | id;
  }

  private static int idOf(long rank) {
    return (int) rank;
  }

  /** Uniform in [0, 1): xorshift64*, its top 24 bits. */
  private float nextCoin() {
    randomState ^= randomState >>> 12;
    randomState ^= randomState << 25;
    randomState ^= randomState >>> 27;
    return ((randomState * 0x2545F4914F6CDD1DL) >>> 40) / 0x1p24f;
  }

  /** Spreads seeds that differ little over the whole state, and keeps it off zero. */
  private static long scramble(long seed) {
    long mixed = seed + 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    mixed ^= mixed >>> 31;
    return mixed == 0 ? 1 : mixed;
  }
}
