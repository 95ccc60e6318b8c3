package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tokens within one tag. Brackets must be closed before the tag can end. */
final class Lexemes {
  private static final String DIGITS = "(?:[0-9]+_)*[0-9]+";
  private static final Pattern FLOAT =
      Pattern.compile(
          "(?<!\\.)"
              + DIGITS
              + "(?:(?:\\."
              + DIGITS
              + ")?[eE][+-]?"
              + DIGITS
              + "|\\."
              + DIGITS
              + ")");
  private static final Pattern INTEGER =
      Pattern.compile(
          "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?[0-9])*|0(?:_?0)*");
  private static final Pattern NAME = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final Deque<String> open = new ArrayDeque<>();
  private int end;

  Lexemes(String source) {
    this.source = source;
  }

  boolean isBalanced() {
    return open.isEmpty();
  }

  /** Where the last token ended. */
  int end() {
    return end;
  }

  Token next(int at, int line) {
    char c = source.charAt(at);
    if (c == '\'' || c == '"') {
      return string(at, line);
    }
    if (matches(FLOAT, at)) {
      return token(Token.Kind.FLOAT, at, line);
    }
    if (matches(INTEGER, at)) {
      return token(Token.Kind.INTEGER, at, line);
    }
    boolean startsName = Character.isUnicodeIdentifierStart(source.codePointAt(at)) || c == '_';
    if (startsName && matches(NAME, at)) {
      return token(Token.Kind.NAME, at, line);
    }
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        balance(operator, line);
        end = at + operator.length();
        return new Token(Token.Kind.OPERATOR, operator, line);
      }
    }
    throw new TemplateSyntaxException(
        line, "the character '" + Character.toString(source.codePointAt(at)) + "' is unexpected");
  }

  private boolean matches(Pattern pattern, int at) {
    Matcher matcher = pattern.matcher(source).region(at, source.length());
    matcher.useTransparentBounds(true); // a number after a dot is no real number
    boolean found = matcher.lookingAt();
    if (found) {
      end = matcher.end();
    }
    return found;
  }

  private Token token(Token.Kind kind, int at, int line) {
    return new Token(kind, source.substring(at, end), line);
  }

  private void balance(String operator, int line) {
    switch (operator) {
      case "(" -> open.push(")");
      case "[" -> open.push("]");
      case "{" -> open.push("}");
      case ")", "]", "}" -> {
        if (!operator.equals(open.poll())) {
          throw new TemplateSyntaxException(line, "the bracket '" + operator + "' closes nothing");
        }
      }
      default -> {}
    }
  }

  private Token string(int at, int line) {
    char quote = source.charAt(at);
    StringBuilder value = new StringBuilder();
    int next = at + 1;
    while (next < source.length() && source.charAt(next) != quote) {
      if (source.charAt(next) == '\\' && next + 1 < source.length()) {
        next = escape(next + 1, value, line);
      } else {
        value.append(source.charAt(next++));
      }
    }
    if (next >= source.length()) {
      throw new TemplateSyntaxException(line, "a string is never closed");
    }
    end = next + 1;
    return new Token(Token.Kind.STRING, value.toString(), line);
  }

  /**
   * Appends what the escape stands for; returns where it ends. Unknown escapes stay as they are.
   */
  private int escape(int at, StringBuilder value, int line) {
    char c = source.charAt(at);
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0) {
      return codePoint(at + 1, at + 1 + digits, 16, value, line);
    }
    if (c >= '0' && c <= '7') {
      int stop = at + 1;
      int most = Math.min(at + 3, source.length());
      while (stop < most && source.charAt(stop) >= '0' && source.charAt(stop) <= '7') {
        stop++;
      }
      return codePoint(at, stop, 8, value, line);
    }
    if (c == 'N') {
      throw new TemplateSyntaxException(line, "characters by name are not supported in strings");
    }
    int known = "abfnrtv\\'\"\n".indexOf(c);
    if (known < 0) {
      value.append('\\').append(c);
    } else if (c != '\n') { // a line break after a backslash is dropped
      value.append("\u0007\b\f\n\r\t\u000b\\'\"".charAt(known));
    }
    return at + 1;
  }

  private int codePoint(int from, int to, int radix, StringBuilder value, int line) {
    try {
      value.appendCodePoint(Integer.parseInt(source, from, to, radix));
      return to;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new TemplateSyntaxException(line, "a string has an incomplete escape");
    }
  }
}
