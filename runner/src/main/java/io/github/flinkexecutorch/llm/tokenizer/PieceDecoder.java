package io.github.flinkexecutorch.llm.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes behind the pieces of a vocabulary, after the {@code decoder} of a {@code
 * tokenizer.json}.
 *
 * <p>Pieces are decoded one by one, because a generation hands them out one by one; decoders that
 * look at several pieces at once (WordPiece, CTC and the like) are refused.
 */
final class PieceDecoder {
  private static final Pattern BYTE_PIECE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");
  private static final int[] BYTE_OF_CHARACTER = byteLevelAlphabet();

  private final List<String[]> replacements = new ArrayList<>();
  private boolean byteLevel;
  private boolean byteFallback;
  private boolean dropsLeadingSpace;

  /**
   * @throws InvalidModelException naming the part that we cannot do
   */
  PieceDecoder(JsonNode decoder) {
    add(decoder);
  }

  /** UTF-8 of one piece in the middle of a text. */
  byte[] bytes(String piece) {
    Matcher single = BYTE_PIECE.matcher(piece);
    if (byteFallback && single.matches()) {
      return HexFormat.of().parseHex(single.group(1));
    }
    String text = piece;
    for (String[] replacement : replacements) {
      text = text.replace(replacement[0], replacement[1]);
    }
    return byteLevel ? byteLevelBytes(text) : text.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a text loses one space at its beginning. */
  boolean dropsLeadingSpace() {
    return dropsLeadingSpace;
  }

  private void add(JsonNode decoder) {
    String type = decoder == null ? "" : decoder.path("type").asText();
    switch (type) {
      case "Sequence" -> decoder.path("decoders").forEach(this::add);
      case "ByteLevel" -> byteLevel = true;
      case "ByteFallback" -> byteFallback = true;
      case "Fuse" -> {}
      case "Replace" -> addReplacement(decoder);
      case "Strip" -> addStrip(decoder);
      case "Metaspace" -> addMetaspace(decoder);
      default ->
          throw new InvalidModelException(
              type.isEmpty() ? "it names no decoder" : "its decoder " + type + " is not supported");
    }
  }

  private void addReplacement(JsonNode decoder) {
    JsonNode pattern = decoder.path("pattern").path("String");
    if (!pattern.isTextual()) {
      throw new InvalidModelException("its decoder replaces by regular expression");
    }
    replacements.add(new String[] {pattern.asText(), decoder.path("content").asText()});
  }

  private void addStrip(JsonNode decoder) {
    if (!decoder.path("content").asText().equals(" ")
        || decoder.path("start").asInt() > 1
        || decoder.path("stop").asInt() != 0) {
      throw new InvalidModelException("its decoder strips more than one leading space");
    }
    dropsLeadingSpace |= decoder.path("start").asInt() == 1;
  }

  private void addMetaspace(JsonNode decoder) {
    replacements.add(new String[] {decoder.path("replacement").asText("\u2581"), " "});
    boolean prefix = decoder.path("add_prefix_space").asBoolean(true);
    dropsLeadingSpace |= prefix && !decoder.path("prepend_scheme").asText().equals("never");
  }

  /** Pieces with characters outside the alphabet are added tokens and stand for themselves. */
  private static byte[] byteLevelBytes(String piece) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(piece.length());
    for (int i = 0; i < piece.length(); i++) {
      char character = piece.charAt(i);
      int value = character < BYTE_OF_CHARACTER.length ? BYTE_OF_CHARACTER[character] : -1;
      if (value < 0) {
        return piece.getBytes(StandardCharsets.UTF_8);
      }
      bytes.write(value);
    }
    return bytes.toByteArray();
  }

  /** Printable Latin-1 bytes are their own characters; the others follow from U+0100 on. */
  private static int[] byteLevelAlphabet() {
    int[] bytes = new int[0x144];
    Arrays.fill(bytes, -1);
    int shifted = 0x100;
    for (int value = 0; value < 256; value++) {
      boolean printable =
          (value >= '!' && value <= '~') || (value >= 0xa1 && value <= 0xff && value != 0xad);
      bytes[printable ? value : shifted++] = value;
    }
    return bytes;
  }
}
