package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The regular expression of a tokenizer, in the syntax of tiktoken, which cuts a text into the
 * pieces to encode. Safe for use by several threads.
 *
 * <p>A model brings its own expression and a user brings the text, so either may be made to take
 * for ever: the characters that a search looks at are counted, and limited.
 */
final class SplitPattern {
  private static final int LONGEST = 10_000;
  private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES;

  /** Patterns in use look at every character fewer than 50 times. */
  private static final long STEPS_PER_CHARACTER = 1_000;

  private static final long STEPS_AT_LEAST = 1_000_000;

  /** A class by name; Java wants scripts, unlike general categories, with a prefix. */
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(?:([pP])\\{(\\w{3,})\\}|.)", Pattern.DOTALL);

  /**
   * Matches nothing. Java remembers where a loop failed before, and so ends searches that others do
   * not, but not in an expression with a back reference.
   */
  private static final String FORGETFUL = "(?<forgetful>x)(?!)\\k<forgetful>|";

  private final Pattern pattern;

  private SplitPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * @throws InvalidModelException if that is no expression that Java understands
   */
  static SplitPattern compile(String expression) {
    return compile("", expression);
  }

  /** The same, but to search with as many steps as a library that does not optimize. */
  static SplitPattern compileForgetful(String expression) {
    return compile(FORGETFUL, expression);
  }

  private static SplitPattern compile(String before, String expression) {
    if (expression.length() > LONGEST) {
      throw new InvalidModelException(
          "its pattern has " + expression.length() + " characters; " + LONGEST + " is the limit");
    }
    String translated =
        ESCAPE
            .matcher(expression)
            .replaceAll(
                escape ->
                    Matcher.quoteReplacement(
                        escape.group(1) == null
                            ? escape.group()
                            : "\\" + escape.group(1) + "{Is" + escape.group(2) + "}"));
    try {
      return new SplitPattern(Pattern.compile(before + translated, FLAGS));
    } catch (PatternSyntaxException e) {
      throw new InvalidModelException("its pattern is refused: " + e.getDescription(), e);
    } catch (StackOverflowError e) {
      throw new InvalidModelException("its pattern is nested too deeply", e);
    }
  }

  /**
   * Hands out the matches in order. What lies between two matches is dropped, as in tiktoken.
   *
   * @throws InvalidRequestException if the search takes too long
   */
  void split(String text, Consumer<String> pieces) {
    split(text, Long.MAX_VALUE, pieces);
  }

  /**
   * The same.
   *
   * @param stepsPerMatch most characters to look at for one match
   */
  void split(String text, long stepsPerMatch, Consumer<String> pieces) {
    Counted counted = new Counted(UnicodeClasses.shadow(text), stepsPerMatch);
    Matcher matcher = pattern.matcher(counted);
    try {
      while (matcher.find()) {
        counted.nextMatch();
        if (matcher.end() > matcher.start()) {
          pieces.accept(text.substring(matcher.start(), matcher.end()));
        }
      }
    } catch (StackOverflowError e) {
      throw tooLong(text.length());
    }
  }

  private static InvalidRequestException tooLong(int length) {
    return new InvalidRequestException(
        Reason.UNSUPPORTED_INPUT,
        "The tokenizer's pattern takes too long on this text of "
            + length
            + " characters. Shorten it, or its runs of like characters");
  }

  /** A text that can be looked at only so often. */
  private static final class Counted implements CharSequence {
    private final String text;
    private final long perMatch;
    private long left;
    private long leftInMatch;

    Counted(String text, long perMatch) {
      this.text = text;
      this.perMatch = perMatch;
      left = STEPS_AT_LEAST + STEPS_PER_CHARACTER * text.length();
      leftInMatch = perMatch;
    }

    void nextMatch() {
      leftInMatch = perMatch;
    }

    @Override
    public char charAt(int index) {
      if (--left < 0 || --leftInMatch < 0) {
        throw tooLong(text.length());
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
