package io.github.flinkexecutorch.llm.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a {@code tokenizer.json} does to texts before they are tokenized, as far as it could harm:
 * the library ends the process where a regular expression takes too long or normalization rules
 * lead nowhere.
 */
final class TextRules {
  /** Rules in use replace one character by one, or put one in front. */
  private static final long MOST_GROWTH = 64;

  private static final long SEARCH_STEPS = 8_000_000;

  private final List<SplitPattern> patterns = new ArrayList<>();
  private final List<UnaryOperator<String>> replacements = new ArrayList<>();
  private long growth = 1;

  /**
   * @throws InvalidModelException saying which rule cannot be used
   */
  TextRules(JsonNode normalizer, JsonNode preTokenizer) {
    add(normalizer);
    add(preTokenizer);
  }

  /**
   * Searches the text as the library will, but with an end.
   *
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if a search takes too long
   */
  void requireQuick(String text) {
    if (patterns.isEmpty()) {
      return;
    }
    String normalized = text;
    for (UnaryOperator<String> replacement : replacements) {
      normalized = replacement.apply(normalized);
    }
    for (SplitPattern pattern : patterns) {
      pattern.split(normalized, SEARCH_STEPS, piece -> {});
    }
  }

  private void add(JsonNode rule) {
    if (rule == null) {
      return;
    }
    rule.path("normalizers").forEach(this::add);
    rule.path("pretokenizers").forEach(this::add);
    JsonNode expression = rule.path("pattern").path("Regex");
    if (expression.isTextual()) {
      patterns.add(SplitPattern.compileForgetful(expression.asText()));
    }
    switch (rule.path("type").asText()) {
      case "Precompiled" -> requirePrecompiled(rule.path("precompiled_charsmap"));
      case "Replace" -> addReplacement(rule.path("pattern").path("String"), rule.path("content"));
      case "Prepend" -> {
        String front = rule.path("prepend").asText();
        grow(front.length());
        replacements.add(front::concat);
      }
      default -> {}
    }
  }

  private void addReplacement(JsonNode pattern, JsonNode content) {
    grow(content.asText().length());
    if (pattern.isTextual() && pattern.asText().isEmpty()) {
      throw new InvalidModelException("its normalizer replaces nothing by something");
    }
    if (pattern.isTextual()) {
      replacements.add(text -> text.replace(pattern.asText(), content.asText()));
    }
  }

  private void grow(int factor) {
    growth *= Math.max(1, factor);
    if (growth > MOST_GROWTH) {
      throw new InvalidModelException(
          "its normalizer can make a text more than " + MOST_GROWTH + " times as long");
    }
  }

  private static void requirePrecompiled(JsonNode rules) {
    try {
      byte[] decoded = Base64.getDecoder().decode(rules.asText());
      if (decoded.length == 0) {
        throw new InvalidModelException("its normalization rules are empty");
      }
      CharsMap.require(decoded);
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException("its normalization rules are not base64", e);
    }
  }
}
