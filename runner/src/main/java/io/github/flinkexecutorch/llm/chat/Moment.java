package io.github.flinkexecutorch.llm.chat;

import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** The function {@code strftime_now} at a moment that the caller gives. */
record Moment(ZonedDateTime now) implements Function {
  @Override
  public Object call(Render render, Arguments arguments) {
    String format = arguments.bind(1, "format").text(0).value();
    StringBuilder formatted = new StringBuilder();
    for (int at = 0; at < format.length(); at++) {
      char c = format.charAt(at);
      if (c != '%' || at + 1 == format.length()) {
        formatted.append(c);
        continue;
      }
      boolean unpadded = format.charAt(at + 1) == '-' && at + 2 < format.length();
      at += unpadded ? 2 : 1;
      String field = field(format.charAt(at));
      formatted.append(unpadded ? field.replaceFirst("^0+(?=.)", "") : field);
    }
    return Text.written(formatted.toString());
  }

  /** In the C locale. */
  private String field(char directive) {
    return switch (directive) {
      case 'Y' -> Integer.toString(now.getYear());
      case 'y' -> padded(now.getYear() % 100, 2);
      case 'm' -> padded(now.getMonthValue(), 2);
      case 'd' -> padded(now.getDayOfMonth(), 2);
      case 'e' -> String.format("%2d", now.getDayOfMonth());
      case 'H' -> padded(now.getHour(), 2);
      case 'I' -> padded(now.get(ChronoField.CLOCK_HOUR_OF_AMPM), 2);
      case 'M' -> padded(now.getMinute(), 2);
      case 'S' -> padded(now.getSecond(), 2);
      case 'j' -> padded(now.getDayOfYear(), 3);
      case 'p' -> now.getHour() < 12 ? "AM" : "PM";
      case 'B' -> now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'b', 'h' ->
          now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
      case 'A' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'a' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
      case 'F' -> field('Y') + "-" + field('m') + "-" + field('d');
      case 'T' -> field('H') + ":" + field('M') + ":" + field('S');
      case 'D' -> field('m') + "/" + field('d') + "/" + field('y');
      case '%' -> "%";
      default -> throw new TemplateException("strftime_now gets an unsupported directive");
    };
  }

  private static String padded(int value, int digits) {
    return String.format("%0" + digits + "d", value);
  }
}
