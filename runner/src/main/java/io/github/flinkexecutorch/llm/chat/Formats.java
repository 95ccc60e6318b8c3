package io.github.flinkexecutorch.llm.chat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code %} operator on text, as far as templates go: {@code %s %r %d %i %f %%}, no mapping
 * keys.
 */
final class Formats {
  private static final Pattern PLACE =
      Pattern.compile("%(?<places>\\.\\d{1,2})?(?<kind>.|$)", Pattern.DOTALL);

  private Formats() {}

  static Text percent(Render render, Text format, Object values) {
    List<Object> all =
        values instanceof Series series && series.kind() == Series.Kind.TUPLE
            ? series
            : Arguments.of(values).values();
    Text.Builder formatted = render.builder();
    Matcher places = PLACE.matcher(format.value());
    int start = 0;
    int next = 0;
    while (places.find()) {
      formatted.append(format, start, places.start());
      start = places.end();
      if (places.group().equals("%%")) {
        formatted.append("%", false);
      } else if (next < all.size()) {
        formatted.append(formatted(render, places, all.get(next++)));
      } else {
        throw new TemplateException("a format has more places than values");
      }
    }
    if (next < all.size() && !(values instanceof Map)) {
      throw new TemplateException("a format has fewer places than values");
    }
    return formatted.append(format, start, format.length()).build();
  }

  private static Text formatted(Render render, Matcher place, Object value) {
    String places = place.group("places");
    String kind = place.group("kind");
    if (kind.equals("f")) {
      int digits = places == null ? 6 : Integer.parseInt(places.substring(1));
      double real = Values.number(value).doubleValue();
      if (!Double.isFinite(real)) {
        return Text.written(Numbers.print(real));
      }
      return Text.written(
          new BigDecimal(real).setScale(digits, RoundingMode.HALF_EVEN).toPlainString());
    }
    if (places != null) {
      throw new TemplateException("a format has a place of a kind that is not supported");
    }
    return switch (kind) {
      case "s" -> Printer.print(render, value);
      case "r" -> Printer.represent(render, value);
      case "d", "i" -> {
        Number number = Values.number(value);
        yield Text.written(
            Numbers.print(number instanceof Double real ? (long) (double) real : number));
      }
      default ->
          throw new TemplateException("a format has a place of a kind that is not supported");
    };
  }
}
