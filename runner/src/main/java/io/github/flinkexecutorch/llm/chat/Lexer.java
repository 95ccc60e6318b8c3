package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens as Jinja2 does with {@code trim_blocks} and {@code lstrip_blocks}:
 * the line break after a block or comment is dropped, and so is the space between the start of a
 * line and a block or comment; {@code -} strips all white space on its side, {@code +} keeps it.
 */
final class Lexer {
  private static final Pattern RAW_BEGIN = compile("\\{%[-+]?\\s*raw\\s*(?:-%\\}\\s*|%\\})");
  private static final Pattern RAW_END =
      compile("\\{%(?<sign>[-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final Pattern COMMENT_END = compile("\\+#\\}|-#\\}\\s*|#\\}\\n?");
  private static final Pattern BLOCK_END = compile("\\+%\\}|-%\\}\\s*|%\\}\\n?");
  private static final Pattern VARIABLE_END = compile("-\\}\\}\\s*|\\}\\}");
  private static final Pattern SPACE = compile("\\s+");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int countedTo;
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String source) {
    String lines = source.replace("\r\n", "\n").replace('\r', '\n');
    boolean ends = lines.endsWith("\n");
    Lexer lexer = new Lexer(ends ? lines.substring(0, lines.length() - 1) : lines);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    for (int open = opening(at); open >= 0; open = opening(at)) {
      Matcher raw = matcher(RAW_BEGIN, open);
      boolean isRaw = raw.lookingAt();
      char kind = source.charAt(open + 1);
      char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
      boolean signed = sign == '-' || sign == '+';
      data(at, open, sign, kind != '{');
      if (isRaw) {
        to(raw.end());
        raw();
      } else {
        to(open + (signed ? 3 : 2));
        lineStarts = false;
        switch (kind) {
          case '#' -> comment();
          case '%' -> code(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, BLOCK_END);
          default -> code(Token.Kind.VARIABLE_BEGIN, Token.Kind.VARIABLE_END, VARIABLE_END);
        }
      }
    }
    data(at, source.length(), ' ', false);
    to(source.length());
    add(Token.Kind.END, "");
  }

  /** Where the next tag or comment begins; -1 if there is none. */
  private int opening(int from) {
    for (int open = source.indexOf('{', from); open >= 0; open = source.indexOf('{', open + 1)) {
      if (open + 1 < source.length() && "%{#".indexOf(source.charAt(open + 1)) >= 0) {
        return open;
      }
    }
    return -1;
  }

  private void data(int from, int to, char sign, boolean strips) {
    int end = to;
    if (sign == '-') {
      while (end > from && Characters.isSpace(source.charAt(end - 1))) {
        end--;
      }
    } else if (sign != '+' && strips) {
      int start = to;
      while (start > from && isSpaceInLine(source.charAt(start - 1))) {
        start--;
      }
      boolean startsLine = start > from ? source.charAt(start - 1) == '\n' : lineStarts;
      end = startsLine ? start : end;
    }
    if (end > from) {
      add(Token.Kind.DATA, source.substring(from, end));
    }
  }

  private static boolean isSpaceInLine(char c) {
    return c != '\n' && Characters.isSpace(c);
  }

  private void raw() {
    Matcher end = matcher(RAW_END, at);
    if (!end.find()) {
      throw error("{% raw %} is never closed");
    }
    data(at, end.start(), end.group("sign").isEmpty() ? ' ' : end.group("sign").charAt(0), true);
    to(end.end());
  }

  private void comment() {
    Matcher end = matcher(COMMENT_END, at);
    if (!end.find()) {
      throw error("a comment is never closed");
    }
    to(end.end());
  }

  private void code(Token.Kind begin, Token.Kind end, Pattern endPattern) {
    add(begin, "");
    Lexemes lexemes = new Lexemes(source);
    while (at < source.length()) {
      Matcher closing = matcher(endPattern, at);
      if (lexemes.isBalanced() && closing.lookingAt()) {
        add(end, "");
        to(closing.end());
        return;
      }
      Matcher space = matcher(SPACE, at);
      if (space.lookingAt()) {
        to(space.end());
      } else {
        Token token = lexemes.next(at, line);
        tokens.add(token);
        to(lexemes.end());
      }
    }
    throw error("a tag is never closed");
  }

  private void to(int position) {
    if (position > at) {
      lineStarts = source.charAt(position - 1) == '\n';
    }
    at = position;
    for (; countedTo < position; countedTo++) {
      line += source.charAt(countedTo) == '\n' ? 1 : 0;
    }
  }

  private void add(Token.Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private Matcher matcher(Pattern pattern, int from) {
    return pattern.matcher(source).region(from, source.length());
  }

  private TemplateSyntaxException error(String message) {
    return new TemplateSyntaxException(line, message);
  }

  private static Pattern compile(String regex) {
    return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
  }
}
