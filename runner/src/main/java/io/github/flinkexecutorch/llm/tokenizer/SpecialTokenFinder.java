package io.github.flinkexecutorch.llm.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Finds the spellings of special tokens in a text, of two that begin alike the longer one. */
final class SpecialTokenFinder {
  /** A special token from {@code start} to {@code end}. */
  record Found(int start, int end, int id) {}

  private final Map<String, Integer> ids;
  private final BitSet idSet = new BitSet();
  private final BitSet firstCharacters = new BitSet();
  private final List<Integer> lengths;

  SpecialTokenFinder(Map<String, Integer> ids) {
    this.ids = Map.copyOf(ids);
    ids.values().forEach(idSet::set);
    ids.keySet().forEach(token -> firstCharacters.set(token.charAt(0)));
    lengths =
        ids.keySet().stream()
            .map(String::length)
            .distinct()
            .sorted(Comparator.reverseOrder())
            .toList();
  }

  /** Whether one of them has this id. */
  boolean has(int id) {
    return id >= 0 && idSet.get(id);
  }

  /** All of them from left to right but those that have a character in {@code content}. */
  List<Found> all(String text, BitSet content) {
    List<Found> all = new ArrayList<>();
    for (Found found = next(text, 0, content);
        found != null;
        found = next(text, found.end(), content)) {
      all.add(found);
    }
    return all;
  }

  private Found next(String text, int from, BitSet content) {
    for (int start = from; start < text.length(); start++) {
      if (firstCharacters.get(text.charAt(start)) && !content.get(start)) {
        int firstContent = content.nextSetBit(start);
        int most = firstContent < 0 ? text.length() : firstContent;
        for (int length : lengths) {
          Integer id =
              start + length <= most ? ids.get(text.substring(start, start + length)) : null;
          if (id != null) {
            return new Found(start, start + length, id);
          }
        }
      }
    }
    return null;
  }
}
