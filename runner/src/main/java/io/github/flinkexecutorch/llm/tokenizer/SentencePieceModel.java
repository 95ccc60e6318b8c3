package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The model of SentencePiece's {@code sentencepiece_model.proto}, as far as encoding and decoding
 * need it.
 *
 * <p>The library dies of malformed models instead of refusing them. It therefore gets none from
 * outside, only what is written here again after every part of it was checked.
 */
final class SentencePieceModel {
  /** What a piece is; numbers as in the file. */
  enum Kind {
    NORMAL(1),
    UNKNOWN(2),
    CONTROL(3),
    USER_DEFINED(4),
    UNUSED(5),
    BYTE(6);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    static Kind of(int number) {
      return Arrays.stream(values())
          .filter(kind -> kind.number == number)
          .findFirst()
          .orElseThrow(
              () -> new InvalidModelException("it has a piece of the unknown type " + number));
    }
  }

  record Piece(String text, float score, Kind kind) {
    /** A user-defined symbol that is more than a run of spaces. */
    boolean isUserDefinedMarkup() {
      return kind == Kind.USER_DEFINED && !text.replace('\u2581', ' ').isBlank();
    }
  }

  private static final int UNIGRAM = 1;
  private static final int BPE = 2;
  private static final int LONGEST_PIECE = 1 << 12;

  /** The library has room for no more user-defined symbols at one place of a text. */
  private static final int MOST_NESTED = 64;

  private final List<Piece> pieces = new ArrayList<>();
  private int modelType = UNIGRAM;
  private boolean byteFallback;
  private boolean spaceBehindWords;
  private String unknownSurface = " \u2047 ";
  private String unknownPiece = "<unk>";
  private String bosPiece = "<s>";
  private String eosPiece = "</s>";
  private byte[] rules = {};
  private boolean addDummyPrefix = true;
  private boolean removeExtraSpaces = true;
  private boolean escapeSpaces = true;

  private SentencePieceModel() {}

  /**
   * @throws InvalidModelException saying why the bytes are no usable model
   */
  static SentencePieceModel parse(byte[] content) {
    SentencePieceModel model = new SentencePieceModel();
    ProtobufReader fields = new ProtobufReader(content);
    while (fields.next()) {
      switch (fields.field()) {
        case 1 -> model.addPiece(fields.message());
        case 2 -> model.readTrainer(fields.message());
        case 3 -> model.readNormalizer(fields.message());
        case 5 -> requireNoRules(fields.message());
        default -> fields.skip();
      }
    }
    model.check();
    return model;
  }

  List<Piece> pieces() {
    return pieces;
  }

  String unknownSurface() {
    return unknownSurface;
  }

  /** Whether a decoded text loses one space at its beginning. */
  boolean dropsLeadingSpace() {
    return addDummyPrefix || removeExtraSpaces;
  }

  SpecialTokens special() {
    return new SpecialTokens(control(bosPiece), control(eosPiece));
  }

  boolean hasUserDefinedMarkup() {
    return pieces.stream().anyMatch(Piece::isUserDefinedMarkup);
  }

  /**
   * The model for the library.
   *
   * @param findsMarkup whether user-defined symbols that are more than runs of spaces are found in
   *     text; else they are there under names of {@link HiddenSpecialTokens}
   */
  byte[] write(boolean findsMarkup) {
    ProtobufWriter model = new ProtobufWriter();
    for (Piece piece : pieces) {
      boolean hidden = !findsMarkup && piece.isUserDefinedMarkup();
      model.message(
          1,
          new ProtobufWriter()
              .bytes(1, utf8(hidden ? HiddenSpecialTokens.nameOf(piece.text) : piece.text))
              .float32(2, piece.score)
              .int32(3, piece.kind.number));
    }
    return model
        .message(
            2,
            new ProtobufWriter()
                .int32(3, modelType)
                .bool(35, byteFallback)
                .bytes(45, utf8(unknownPiece)))
        .message(
            3,
            new ProtobufWriter()
                .bytes(2, rules)
                .bool(3, addDummyPrefix)
                .bool(4, removeExtraSpaces)
                .bool(5, escapeSpaces))
        .bytes();
  }

  private void addPiece(ProtobufReader fields) {
    String text = "";
    float score = 0;
    Kind kind = Kind.NORMAL;
    while (fields.next()) {
      switch (fields.field()) {
        case 1 -> text = text(fields);
        case 2 -> score = fields.float32();
        case 3 -> kind = Kind.of(fields.int32());
        default -> fields.skip();
      }
    }
    String which = "its piece " + pieces.size();
    if (pieces.size() > Vocabulary.HIGHEST_ID) {
      throw new InvalidModelException("it has more than " + pieces.size() + " pieces");
    }
    if (text.isEmpty() || text.length() > LONGEST_PIECE || text.indexOf('\0') >= 0) {
      throw new InvalidModelException(
          which + " is empty, has a zero byte or more than " + LONGEST_PIECE + " characters");
    }
    if (!Float.isFinite(score)) {
      throw new InvalidModelException(which + " has the score " + score);
    }
    pieces.add(new Piece(text, score, kind));
  }

  private void readTrainer(ProtobufReader fields) {
    while (fields.next()) {
      switch (fields.field()) {
        case 3 -> modelType = fields.int32();
        case 24 -> spaceBehindWords = fields.bool();
        case 35 -> byteFallback = fields.bool();
        case 44 -> unknownSurface = text(fields);
        case 45 -> unknownPiece = text(fields);
        case 46 -> bosPiece = text(fields);
        case 47 -> eosPiece = text(fields);
        default -> fields.skip();
      }
    }
  }

  private void readNormalizer(ProtobufReader fields) {
    while (fields.next()) {
      switch (fields.field()) {
        case 2 -> rules = fields.bytes();
        case 3 -> addDummyPrefix = fields.bool();
        case 4 -> removeExtraSpaces = fields.bool();
        case 5 -> escapeSpaces = fields.bool();
        default -> fields.skip();
      }
    }
  }

  private static void requireNoRules(ProtobufReader fields) {
    while (fields.next()) {
      if (fields.field() == 2 && fields.bytes().length > 0) {
        throw new InvalidModelException("it changes texts after decoding, which is not supported");
      } else if (fields.field() != 2) {
        fields.skip();
      }
    }
  }

  private void check() {
    if (pieces.isEmpty()) {
      throw new InvalidModelException("its protobuf has no pieces");
    }
    if (modelType != UNIGRAM && modelType != BPE) {
      throw new InvalidModelException(
          "its model type " + modelType + " is neither Unigram (1) nor BPE (2)");
    }
    if (spaceBehindWords) {
      throw new InvalidModelException("it writes spaces behind words, which is not supported");
    }
    Set<String> different = new HashSet<>();
    for (Piece piece : pieces) {
      if (!different.add(piece.text)) {
        throw new InvalidModelException("it has a piece twice");
      }
      if (piece.kind == Kind.BYTE && BytePiece.value(piece.text) < 0) {
        throw new InvalidModelException("it has a piece for a byte that is not spelled <0x0A>");
      }
    }
    requireCount(Kind.UNKNOWN, 1);
    requireCount(Kind.BYTE, byteFallback ? 256 : 0);
    if (pieces.stream().noneMatch(piece -> piece.kind == Kind.NORMAL)) {
      throw new InvalidModelException("it has no normal pieces");
    }
    requireFewNested();
    CharsMap.require(rules);
  }

  private void requireCount(Kind kind, int wanted) {
    long count = pieces.stream().filter(piece -> piece.kind == kind).count();
    if (count != wanted) {
      throw new InvalidModelException(
          "it has " + count + " pieces of the type " + kind + " instead of " + wanted);
    }
  }

  private void requireFewNested() {
    Deque<String> open = new ArrayDeque<>();
    pieces.stream()
        .filter(piece -> piece.kind == Kind.USER_DEFINED)
        .map(Piece::text)
        .sorted()
        .forEach(
            text -> {
              while (!open.isEmpty() && !text.startsWith(open.peek())) {
                open.pop();
              }
              open.push(text);
              if (open.size() > MOST_NESTED) {
                throw new InvalidModelException(
                    "it has more than "
                        + MOST_NESTED
                        + " user-defined symbols that begin with one another");
              }
            });
  }

  private int control(String text) {
    for (int id = 0; id < pieces.size(); id++) {
      if (pieces.get(id).kind == Kind.CONTROL && pieces.get(id).text.equals(text)) {
        return id;
      }
    }
    return Tokenizer.UNKNOWN;
  }

  private static String text(ProtobufReader fields) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(fields.bytes())).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidModelException("its protobuf has text that is not UTF-8", e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
