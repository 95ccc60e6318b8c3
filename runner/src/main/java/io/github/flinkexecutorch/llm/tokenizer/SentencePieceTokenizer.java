package io.github.flinkexecutorch.llm.tokenizer;

import ai.djl.sentencepiece.SpTokenizer;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.tokenizer.SentencePieceModel.Kind;
import io.github.flinkexecutorch.llm.tokenizer.SentencePieceModel.Piece;
import io.github.flinkexecutorch.llm.tokenizer.SpecialTokenFinder.Found;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A {@code tokenizer.model} of SentencePiece, encoded by SentencePiece itself. Decoding is ours:
 * the library decodes whole sequences, a generation has one token at a time.
 *
 * <p>As in the library, text becomes a user-defined symbol but never a control symbol, and control
 * symbols decode to nothing. In prompts, templates have a say: the control symbols that they spell
 * are meant, as in Hugging Face's tokenizers that use the library, which also encode each text
 * between two of them for itself.
 */
final class SentencePieceTokenizer extends VocabularyTokenizer {
  private final SpTokenizer library;

  /** The library with a model that knows user-defined markup under hidden names only. */
  private final SpTokenizer ordinary;

  private final SpecialTokenFinder markup;
  private final SpecialTokenFinder controls;

  private final boolean dropsLeadingSpace;
  private final BitSet control = new BitSet();

  /** Control symbols and the unknown token. */
  private final BitSet notText = new BitSet();

  private SentencePieceTokenizer(
      SentencePieceModel model, Vocabulary vocabulary, SpTokenizer library, SpTokenizer ordinary) {
    super(vocabulary);
    this.library = library;
    this.ordinary = ordinary;
    this.dropsLeadingSpace = model.dropsLeadingSpace();
    this.markup = finder(model, Piece::isUserDefinedMarkup);
    this.controls = finder(model, piece -> piece.kind() == Kind.CONTROL);
    for (int id = 0; id < vocabulary.size(); id++) {
      Kind kind = model.pieces().get(id).kind();
      control.set(id, kind == Kind.CONTROL);
      notText.set(id, kind == Kind.CONTROL || kind == Kind.UNKNOWN);
    }
  }

  /**
   * @throws InvalidModelException saying why the file is no such file
   */
  static Tokenizer open(TokenizerFile file) {
    SentencePieceModel model = SentencePieceModel.parse(file.content());
    List<Piece> pieces = model.pieces();
    byte[][] bytes = new byte[pieces.size()][];
    Arrays.setAll(bytes, id -> bytes(pieces.get(id), model.unknownSurface()));
    Vocabulary vocabulary =
        new Vocabulary(
            pieces.stream().map(Piece::text).toArray(String[]::new), bytes, model.special());
    SpTokenizer library = library(model.write(true));
    SpTokenizer ordinary = model.hasUserDefinedMarkup() ? library(model.write(false)) : library;
    return new SentencePieceTokenizer(model, vocabulary, library, ordinary);
  }

  private static SpecialTokenFinder finder(SentencePieceModel model, Predicate<Piece> wanted) {
    Map<String, Integer> spellings = new HashMap<>();
    for (int id = 0; id < model.pieces().size(); id++) {
      Piece piece = model.pieces().get(id);
      if (wanted.test(piece) && !piece.text().isEmpty()) {
        spellings.put(piece.text(), id);
      }
    }
    return new SpecialTokenFinder(spellings);
  }

  @Override
  int[] tokens(String text) {
    return library.getProcessor().encode(text);
  }

  @Override
  int[] ordinaryTokens(String text) {
    return ordinary.getProcessor().encode(text);
  }

  @Override
  int[] promptTokens(String text, BitSet content) {
    IntStream.Builder tokens = IntStream.builder();
    int start = 0;
    for (Found found : controls.all(text, content)) {
      String before = text.substring(start, found.start());
      Arrays.stream(withMarkup(before, content.get(start, found.start()))).forEach(tokens);
      tokens.add(found.id());
      start = found.end();
    }
    String rest = text.substring(start);
    Arrays.stream(withMarkup(rest, content.get(start, text.length()))).forEach(tokens);
    return tokens.build().toArray();
  }

  private int[] withMarkup(String text, BitSet content) {
    List<Found> meant = markup.all(text, content);
    return meant.equals(markup.all(text, new BitSet()))
        ? tokens(text)
        : ordinaryTokens(HiddenSpecialTokens.spell(text, meant));
  }

  @Override
  public boolean isSpecial(int id) {
    return markup.has(id) || (id >= 0 && notText.get(id));
  }

  @Override
  public byte[] decode(int previous, int token) {
    byte[] bytes = super.decode(previous, token);
    boolean first = previous == UNKNOWN || control.get(previous);
    return first && dropsLeadingSpace && bytes.length > 0 && idToPiece(token).startsWith("\u2581")
        ? Arrays.copyOfRange(bytes, 1, bytes.length)
        : bytes;
  }

  @Override
  public void close() {
    library.close();
    if (ordinary != library) {
      ordinary.close();
    }
  }

  private static byte[] bytes(Piece piece, String unknownSurface) {
    return switch (piece.kind()) {
      case CONTROL -> new byte[0];
      case UNKNOWN -> unknownSurface.getBytes(StandardCharsets.UTF_8);
      case BYTE -> new byte[] {(byte) BytePiece.value(piece.text())};
      default -> piece.text().replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
    };
  }

  private static SpTokenizer library(byte[] model) {
    return NativeLibrary.SENTENCEPIECE.call(
        () -> {
          try {
            return new SpTokenizer(model);
          } catch (RuntimeException e) {
            throw new InvalidModelException("the library refuses it: " + e.getMessage(), e);
          }
        });
  }
}
