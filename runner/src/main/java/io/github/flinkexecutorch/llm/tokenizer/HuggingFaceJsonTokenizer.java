package io.github.flinkexecutorch.llm.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A {@code tokenizer.json}, encoded by the Hugging Face library itself. */
final class HuggingFaceJsonTokenizer implements Tokenizer {
  /** Prompts are measured against the model's context, so the library must cut nothing. */
  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false");

  /** Half a character, which has no UTF-8 form. */
  private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

  private final HuggingFaceTokenizer library;
  private final Map<String, Integer> vocabulary;
  private final SpecialTokens special;
  private final String[] pieces;
  private final byte[][] pieceBytes;
  private final boolean dropsLeadingSpace;

  private HuggingFaceJsonTokenizer(
      HuggingFaceTokenizer library,
      Map<String, Integer> vocabulary,
      SpecialTokens special,
      PieceDecoder decoder) {
    this.library = library;
    this.vocabulary = vocabulary;
    this.special = special;
    this.dropsLeadingSpace = decoder.dropsLeadingSpace();
    int size = 1 + vocabulary.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    pieces = new String[size];
    pieceBytes = new byte[size][];
    vocabulary.forEach(
        (piece, id) -> {
          pieces[id] = piece;
          pieceBytes[id] = decoder.bytes(piece);
        });
  }

  static HuggingFaceJsonTokenizer open(Path file, byte[] content, TokenizerJson json) {
    Map<String, Integer> vocabulary = json.vocabulary(file);
    try {
      SpecialTokens special = SpecialTokens.read(file, vocabulary);
      PieceDecoder decoder = new PieceDecoder(json.decoder());
      return new HuggingFaceJsonTokenizer(
          TokenizerNatives.call(() -> openLibrary(file, content)), vocabulary, special, decoder);
    } catch (UnsupportedOperationException e) {
      throw TokenizerJson.unusable(file, e.getMessage(), e);
    }
  }

  @Override
  public int[] encode(String text, int bos, int eos) {
    require(bos, special.bosId(), "numBos", "bos_token");
    require(eos, special.eosId(), "numEos", "eos_token");
    Encoding encoding =
        library.encode(
            LONE_SURROGATE.matcher(text).replaceAll("\uFFFD"), bos > 0 || eos > 0, false);
    long[] ids = encoding.getIds();
    long[] added = encoding.getSpecialTokenMask();
    int start = 0;
    while (start < ids.length && added[start] == 1) {
      start++;
    }
    int end = ids.length;
    while (end > start && added[end - 1] == 1) {
      end--;
    }
    IntStream.Builder tokens = IntStream.builder();
    addSpecial(tokens, bos, special.bosId(), Arrays.copyOfRange(ids, 0, start));
    for (int i = start; i < end; i++) {
      tokens.add((int) ids[i]);
    }
    addSpecial(tokens, eos, special.eosId(), Arrays.copyOfRange(ids, end, ids.length));
    return tokens.build().toArray();
  }

  @Override
  public byte[] decode(int previous, int token) {
    byte[] bytes = pieceBytes[known(token)];
    return previous == UNKNOWN && dropsLeadingSpace && bytes.length > 0 && bytes[0] == ' '
        ? Arrays.copyOfRange(bytes, 1, bytes.length)
        : bytes;
  }

  @Override
  public String idToPiece(int id) {
    return pieces[known(id)];
  }

  @Override
  public int pieceToId(String piece) {
    return vocabulary.getOrDefault(piece, UNKNOWN);
  }

  @Override
  public int vocabSize() {
    return pieces.length;
  }

  @Override
  public int bosId() {
    return special.bosId();
  }

  @Override
  public int eosId() {
    return special.eosId();
  }

  @Override
  public void close() {
    library.close();
  }

  /** What the tokenizer puts there itself, with {@code id} in it as often as asked for. */
  private static void addSpecial(IntStream.Builder tokens, int count, int id, long[] own) {
    if (count == 0) {
      return;
    }
    long present = Arrays.stream(own).filter(token -> token == id).count();
    for (long missing = count - present; missing > 0; missing--) {
      tokens.add(id);
    }
    Arrays.stream(own).forEach(token -> tokens.add((int) token));
  }

  private static void require(int count, int id, String field, String name) {
    if (count > 0 && id == UNKNOWN) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER,
          field
              + " is "
              + count
              + ", but the tokenizer's files name no "
              + name
              + "; name it in tokenizer_config.json beside tokenizer.json, or use 0");
    }
  }

  private int known(int id) {
    if (id < 0 || id >= pieces.length || pieces[id] == null) {
      throw new IllegalArgumentException(
          "No token has the id " + id + "; ids go from 0 to " + (pieces.length - 1));
    }
    return id;
  }

  private static HuggingFaceTokenizer openLibrary(Path file, byte[] content) {
    try {
      return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(content), OPTIONS);
    } catch (IOException | RuntimeException e) {
      throw TokenizerJson.unusable(file, "the library refuses it: " + e.getMessage(), e);
    }
  }
}
