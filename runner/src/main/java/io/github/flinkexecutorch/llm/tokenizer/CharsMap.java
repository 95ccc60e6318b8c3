package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Checks the precompiled normalization rules of SentencePiece, which its library and that of
 * Hugging Face walk through without looking where they step.
 *
 * <p>The rules are: the length of a trie in bytes (32 bits), the trie, and the replacements, each
 * ended by a zero byte. The trie is a double array as darts-clone writes it, of 32-bit units. A
 * unit has its label in the low 8 bits and its leaf flag in bit 8; the children of a unit at place
 * p are around p xor its offset, the child by label l at that place xor l. A unit with the leaf
 * flag has its value, where a replacement begins, in the unit at that place itself.
 */
final class CharsMap {
  /** Those of Unicode's NFKC with case folding have a quarter of a million bytes. */
  private static final int LARGEST = 4 << 20;

  private static final int BLOCK = 1024;
  private static final int LEAF = 1 << 8;
  private static final int VALUE = 0x7fffffff;

  /** The library has room for no more rules that begin alike, one inside the other. */
  private static final int MOST_NESTED = 32;

  /** The longest of Unicode's own have 18 characters. */
  private static final int LONGEST_REPLACEMENT = 256;

  private static final int UNSEEN = -1;
  private static final int OPEN = -2;

  private final int[] units;
  private final byte[] replacements;

  /** By place, the most leaves on any way down from there. */
  private final int[] nested;

  private CharsMap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
    nested = new int[units.length];
    Arrays.fill(nested, UNSEEN);
  }

  /**
   * @throws InvalidModelException if a library could step outside of these rules
   */
  static void require(byte[] rules) {
    if (rules.length == 0) {
      return;
    }
    if (rules.length > LARGEST) {
      throw malformed("have " + rules.length + " bytes; " + LARGEST + " is the limit");
    }
    ByteBuffer buffer = ByteBuffer.wrap(rules).order(ByteOrder.LITTLE_ENDIAN);
    int length = rules.length < 4 ? -1 : buffer.getInt();
    if (length < BLOCK || length % BLOCK != 0 || length >= buffer.remaining()) {
      throw malformed("say that their trie has " + length + " bytes");
    }
    int[] units = new int[length / 4];
    buffer.asIntBuffer().get(units);
    new CharsMap(units, Arrays.copyOfRange(rules, 4 + length, rules.length)).require();
  }

  private void require() {
    if (replacements[replacements.length - 1] != 0) {
      throw malformed("end inside a replacement");
    }
    requireText(0);
    for (int start = 1; start < replacements.length; start++) {
      if (replacements[start - 1] == 0) {
        requireText(start);
      }
    }
    if (visit(offset(units[0]), 0) > MOST_NESTED) {
      throw malformed("have more than " + MOST_NESTED + " inside one another");
    }
  }

  private int visit(int place, int depth) {
    if (place >= units.length || depth > LONGEST_REPLACEMENT) {
      throw malformed("lead out of their trie");
    }
    if (nested[place] == OPEN) {
      throw malformed("lead around in their trie");
    }
    if (nested[place] != UNSEEN) {
      return nested[place];
    }
    nested[place] = OPEN;
    int most = 0;
    for (int label = 0; label < 256; label++) {
      int child = place ^ label; // in the same block of 256, which is inside
      int unit = units[child];
      if ((unit & (0x80000000 | 0xff)) == label) {
        int below = place(child, unit);
        boolean leaf = (unit & LEAF) != 0;
        if (leaf) {
          requireValue(below);
        }
        most = Math.max(most, visit(below, depth + 1) + (leaf ? 1 : 0));
      }
    }
    nested[place] = most;
    return most;
  }

  private int place(int child, int unit) {
    int below = child ^ offset(unit);
    if (below >= units.length) {
      throw malformed("lead out of their trie");
    }
    return below;
  }

  private void requireValue(int place) {
    int value = units[place] & VALUE;
    if (value >= replacements.length) {
      throw malformed("name a replacement that is not there");
    }
    boolean inside = value > 0 && replacements[value - 1] != 0;
    if (inside) {
      requireText(value);
    }
  }

  private void requireText(int start) {
    int end = start;
    while (replacements[end] != 0) {
      end++;
    }
    try {
      if (end - start > LONGEST_REPLACEMENT) {
        throw malformed("have a replacement of " + (end - start) + " bytes");
      }
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements, start, end - start));
    } catch (CharacterCodingException e) {
      throw malformed("have a replacement that is not UTF-8");
    }
  }

  /** Bit 9 says whether the offset has 8 more zero bits. */
  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  }

  private static InvalidModelException malformed(String why) {
    return new InvalidModelException("its normalization rules " + why);
  }
}
