package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Cutting and joining of text as Python's methods of the same names do it. */
final class Splits {
  private Splits() {}

  /** Without these characters (white space if null) at the ends asked for. */
  static Text strip(Text text, Object characters, boolean left, boolean right) {
    if (characters != null && !(characters instanceof Text)) {
      throw new TemplateException(
          "strip() takes characters as text, not " + Values.typeName(characters));
    }
    String value = text.value();
    int start = 0;
    int end = value.length();
    while (left && start < end && isStripped(value.codePointAt(start), characters)) {
      start += Character.charCount(value.codePointAt(start));
    }
    while (right && end > start && isStripped(value.codePointBefore(end), characters)) {
      end -= Character.charCount(value.codePointBefore(end));
    }
    return text.slice(start, end);
  }

  private static boolean isStripped(int c, Object characters) {
    return characters instanceof Text set ? set.value().indexOf(c) >= 0 : Characters.isSpace(c);
  }

  /**
   * {@code split} at a separator (white space if null), at most {@code limit} times unless
   * negative.
   */
  static List<Object> split(Render render, Text text, Object separator, long limit) {
    long most = limit < 0 ? Long.MAX_VALUE : limit;
    if (separator == null) {
      return splitAtSpace(render, text, most);
    }
    Text at = separator(separator);
    List<Object> parts = new ArrayList<>();
    int start = 0;
    int found = 0;
    while (parts.size() < most && (found = Search.indexOf(text.value(), at.value(), start)) >= 0) {
      add(render, parts, text.slice(start, found));
      start = found + at.length();
    }
    add(render, parts, text.slice(start, text.length()));
    return parts;
  }

  private static List<Object> splitAtSpace(Render render, Text text, long most) {
    List<Object> parts = new ArrayList<>();
    Text rest = strip(text, null, true, false);
    String value = rest.value();
    int start = 0;
    while (start < value.length()) {
      int end = start;
      while (end < value.length() && !Characters.isSpace(value.charAt(end))) {
        end++;
      }
      if (parts.size() >= most) {
        end = value.length();
      }
      add(render, parts, rest.slice(start, end));
      start = end;
      while (start < value.length() && Characters.isSpace(value.charAt(start))) {
        start++;
      }
    }
    return parts;
  }

  /** {@code rsplit}: the same from the end. */
  static List<Object> splitFromEnd(Render render, Text text, Object separator, long limit) {
    if (separator == null && limit < 0) {
      return split(render, text, null, limit);
    }
    if (separator == null) {
      throw new TemplateException("rsplit() with a limit needs a separator here");
    }
    Text at = separator(separator);
    List<Object> parts = new ArrayList<>();
    int end = text.length();
    int found = 0;
    while ((limit < 0 || parts.size() < limit)
        && (found = Search.lastIndexOf(text.value(), at.value(), end)) >= 0) {
      add(render, parts, text.slice(found + at.length(), end));
      end = found;
    }
    add(render, parts, text.slice(0, end));
    Collections.reverse(parts);
    return parts;
  }

  private static Text separator(Object separator) {
    if (separator instanceof Text text && text.length() > 0) {
      return text;
    }
    throw new TemplateException("a separator must be text and not empty");
  }

  static List<Object> lines(Render render, Text text, boolean keepBreaks) {
    List<Object> lines = new ArrayList<>();
    String value = text.value();
    int start = 0;
    while (start < value.length()) {
      int end = start;
      while (end < value.length() && !Characters.isLineBreak(value.charAt(end))) {
        end++;
      }
      int next = Math.min(end + 1, value.length());
      if (value.startsWith("\r\n", end)) {
        next++;
      }
      add(render, lines, text.slice(start, keepBreaks ? next : end));
      start = next;
    }
    return lines;
  }

  /** {@code partition}: before, separator, after. */
  static Object partition(Text text, Text separator, boolean last) {
    separator(separator);
    int at =
        last
            ? Search.lastIndexOf(text.value(), separator.value(), text.length())
            : Search.indexOf(text.value(), separator.value(), 0);
    if (at < 0) {
      return last
          ? Series.tuple(Text.EMPTY, Text.EMPTY, text)
          : Series.tuple(text, Text.EMPTY, Text.EMPTY);
    }
    int after = at + separator.length();
    return Series.tuple(text.slice(0, at), text.slice(at, after), text.slice(after, text.length()));
  }

  static Text replace(Render render, Text text, Text old, Text with, long limit) {
    Text.Builder replaced = render.builder();
    long left = limit < 0 ? Long.MAX_VALUE : limit;
    int start = 0;
    int found = left > 0 ? Search.indexOf(text.value(), old.value(), 0) : -1;
    while (found >= 0) {
      replaced.append(text, start, found).append(with);
      start = found + old.length();
      left--;
      int from = start;
      if (old.length() == 0) { // between all characters, and at both ends
        from = start < text.length() ? text.value().offsetByCodePoints(start, 1) : start + 1;
      }
      found =
          left > 0 && from <= text.length() ? Search.indexOf(text.value(), old.value(), from) : -1;
    }
    return replaced.append(text, start, text.length()).build();
  }

  static Text join(Render render, Text separator, List<Object> items) {
    Text.Builder joined = render.builder();
    for (int at = 0; at < items.size(); at++) {
      if (at > 0) {
        joined.append(separator);
      }
      joined.append((Text) items.get(at));
    }
    return joined.build();
  }

  private static void add(Render render, List<Object> parts, Text part) {
    render.budget().work(part.length());
    render.budget().make(1);
    parts.add(part);
  }
}
