package io.github.flinkexecutorch.llm.grammar;

import io.github.flinkexecutorch.llm.LogitProcessor;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Generates as a model without any idea of JSON would: each allowed token is equally likely. */
final class RandomText {
  private RandomText() {}

  /** One completion; whether it ended before the limit is for its text to tell. */
  static String generate(Grammar grammar, Tokenizer tokenizer, int maxTokens, Random random) {
    LogitProcessor processor = grammar.newProcessor(maxTokens);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int i = 0; i < maxTokens && !processor.isComplete(); i++) {
      int token = choose(processor, tokenizer.vocabSize(), random);
      processor.accept(token);
      if (token != tokenizer.eosId()) {
        text.writeBytes(tokenizer.decode(token, token));
      }
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  private static int choose(LogitProcessor processor, int vocabSize, Random random) {
    float[] logits = new float[vocabSize];
    for (int id = 0; id < vocabSize; id++) {
      logits[id] = random.nextFloat();
    }
    processor.process(logits);
    int best = 0;
    for (int id = 1; id < vocabSize; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }
}
