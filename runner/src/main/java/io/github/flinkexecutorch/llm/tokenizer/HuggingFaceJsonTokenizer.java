package io.github.flinkexecutorch.llm.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.tokenizer.SpecialTokenFinder.Found;
import io.github.flinkexecutorch.llm.tokenizer.TokenizerJson.AddedToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A {@code tokenizer.json}, encoded by the Hugging Face library itself. Decoding is ours: the
 * library decodes whole sequences, a generation has one token at a time.
 */
final class HuggingFaceJsonTokenizer extends VocabularyTokenizer {
  /** Prompts are measured against the model's context, so the library must cut nothing. */
  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false");

  private final TokenizerFile file;
  private final TextRules rules;
  private final boolean dropsLeadingSpace;
  private final Set<String> specialTokens;
  private final BitSet specialIds = new BitSet();
  private final SpecialTokenFinder finder;
  private final HuggingFaceTokenizer library;

  /** The library with its special tokens hidden, opened for the first text that spells one. */
  private HuggingFaceTokenizer ordinary;

  private HuggingFaceJsonTokenizer(
      TokenizerFile file,
      TokenizerJson json,
      Vocabulary vocabulary,
      TextRules rules,
      boolean dropsLeadingSpace) {
    super(vocabulary);
    this.file = file;
    this.rules = rules;
    this.dropsLeadingSpace = dropsLeadingSpace;
    List<AddedToken> special = json.addedTokens().stream().filter(AddedToken::special).toList();
    specialTokens = special.stream().map(AddedToken::content).collect(Collectors.toSet());
    special.forEach(token -> specialIds.set(token.id()));
    finder =
        new SpecialTokenFinder(
            special.stream().collect(Collectors.toMap(AddedToken::content, AddedToken::id)));
    library = openLibrary(file.content());
  }

  /**
   * @throws InvalidModelException saying why the file is no such file
   */
  static Tokenizer open(TokenizerFile file) {
    TokenizerJson json = TokenizerJson.parse(file);
    Map<String, Integer> ids = json.vocabulary();
    PieceDecoder decoder = new PieceDecoder(json.decoder());
    TextRules rules = new TextRules(json.normalizer(), json.preTokenizer());
    int size = 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    String[] pieces = new String[size];
    byte[][] bytes = new byte[size][];
    ids.forEach(
        (piece, id) -> {
          pieces[id] = piece;
          bytes[id] = decoder.bytes(piece);
        });
    Vocabulary vocabulary = new Vocabulary(pieces, bytes, SpecialTokens.read(file.path(), ids));
    return new HuggingFaceJsonTokenizer(file, json, vocabulary, rules, decoder.dropsLeadingSpace());
  }

  @Override
  public boolean isSpecial(int id) {
    return finder.has(id);
  }

  @Override
  public int[] encode(String text, int bos, int eos) {
    vocabulary().requireSpecial(bos, eos);
    Encoding encoding = encode(library, wellFormed(text), bos > 0 || eos > 0);
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
    addSpecial(tokens, bos, bosId(), Arrays.copyOfRange(ids, 0, start));
    for (int i = start; i < end; i++) {
      tokens.add((int) ids[i]);
    }
    addSpecial(tokens, eos, eosId(), Arrays.copyOfRange(ids, end, ids.length));
    return tokens.build().toArray();
  }

  @Override
  int[] tokens(String text) {
    return ints(encode(library, text, false));
  }

  @Override
  int[] ordinaryTokens(String text) {
    int[] tokens = tokens(text);
    return Arrays.stream(tokens).anyMatch(specialIds::get)
        ? ints(encode(ordinaryLibrary(), text, false))
        : tokens;
  }

  @Override
  int[] promptTokens(String text, BitSet content) {
    List<Found> meant = finder.all(text, content);
    int[] wanted = meant.stream().mapToInt(Found::id).toArray();
    if (meant.equals(finder.all(text, new BitSet()))) {
      int[] tokens = tokens(text);
      if (Arrays.equals(Arrays.stream(tokens).filter(specialIds::get).toArray(), wanted)) {
        return tokens;
      }
    }
    int[] tokens = ints(encode(ordinaryLibrary(), HiddenSpecialTokens.spell(text, meant), false));
    return count(tokens, wanted) < wanted.length ? joined(text, meant) : tokens;
  }

  /** Used where the library misses one of the tokens, as it does with some that it normalizes. */
  private int[] joined(String text, List<Found> meant) {
    IntStream.Builder tokens = IntStream.builder();
    int start = 0;
    for (Found found : meant) {
      Arrays.stream(ordinaryTokens(text.substring(start, found.start()))).forEach(tokens);
      tokens.add(found.id());
      start = found.end();
    }
    Arrays.stream(ordinaryTokens(text.substring(start))).forEach(tokens);
    return tokens.build().toArray();
  }

  private static long count(int[] tokens, int[] ids) {
    BitSet wanted = new BitSet();
    Arrays.stream(ids).forEach(wanted::set);
    return Arrays.stream(tokens).filter(wanted::get).count();
  }

  @Override
  public byte[] decode(int previous, int token) {
    byte[] bytes = super.decode(previous, token);
    return previous == UNKNOWN && dropsLeadingSpace && bytes.length > 0 && bytes[0] == ' '
        ? Arrays.copyOfRange(bytes, 1, bytes.length)
        : bytes;
  }

  @Override
  public synchronized void close() {
    library.close();
    if (ordinary != null) {
      ordinary.close();
    }
  }

  private Encoding encode(HuggingFaceTokenizer with, String text, boolean addSpecialTokens) {
    rules.requireQuick(text);
    try {
      return with.encode(text, addSpecialTokens, false);
    } catch (RuntimeException e) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "The tokenizer library refuses this text of "
              + text.length()
              + " characters: "
              + e.getMessage());
    }
  }

  private synchronized HuggingFaceTokenizer ordinaryLibrary() {
    if (ordinary == null) {
      ordinary = openLibrary(HiddenSpecialTokens.in(file.content(), specialTokens));
    }
    return ordinary;
  }

  private static int[] ints(Encoding encoding) {
    return Arrays.stream(encoding.getIds()).mapToInt(id -> (int) id).toArray();
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

  private static HuggingFaceTokenizer openLibrary(byte[] content) {
    return NativeLibrary.TOKENIZERS.call(
        () -> {
          try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(content), OPTIONS);
          } catch (IOException | RuntimeException e) {
            throw new InvalidModelException("the library refuses it: " + e.getMessage(), e);
          }
        });
  }
}
