package io.github.flinkexecutorch.llm.grammar;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The values of {@code format}, as regular expressions. Each matches only what the format allows,
 * and the common spellings of it rather than every last one.
 */
final class StringFormats {
  private static final String MONTH_AND_DAY =
      "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
          + "|02-(?:0[1-9]|1[0-9]|2[0-8]))";
  private static final String LEAP_YEAR =
      "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
  private static final String DATE = "(?:[0-9]{4}-" + MONTH_AND_DAY + "|" + LEAP_YEAR + "-02-29)";
  private static final String HOUR_AND_MINUTE = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";

  /** Those of real time zones; RFC 3339 would allow a day's, and -00:00 for unknown ones. */
  private static final String OFFSET = "(?:\\+(?:0[0-9]|1[0-3])|-(?:0[1-9]|1[0-2])):[0-5][0-9]";

  private static final String TIME =
      HOUR_AND_MINUTE + ":[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|" + OFFSET + ")";
  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String LABEL = "[A-Za-z0-9]{1,12}(?:-[A-Za-z0-9]{1,12}){0,3}";
  private static final String HOST = LABEL + "(?:\\." + LABEL + "){0,2}\\.[A-Za-z]{2,24}";
  private static final String MAILBOX = "[A-Za-z0-9]{1,20}(?:[._+-][A-Za-z0-9]{1,20}){0,2}";

  private static final Map<String, String> FORMATS =
      new TreeMap<>(
          Map.of(
              "date",
              DATE,
              "time",
              TIME,
              "date-time",
              DATE + "T" + TIME,
              "uuid",
              "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
              "ipv4",
              "(?:" + OCTET + "\\.){3}" + OCTET,
              "ipv6",
              "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}",
              "hostname",
              HOST,
              "email",
              MAILBOX + "@" + HOST,
              "uri",
              "https?://" + HOST + "(?:/[A-Za-z0-9._~-]{1,30}){0,4}/?"));

  private StringFormats() {}

  static Set<String> names() {
    return Collections.unmodifiableSet(FORMATS.keySet());
  }

  /** What a string of this format has to match, whole. */
  static Expression expression(String format, String path) {
    String regex = FORMATS.get(format);
    if (regex == null) {
      throw SchemaKeywords.invalid(
          path,
          "has the format "
              + format
              + ", which cannot be enforced; supported are "
              + String.join(", ", names())
              + ". Describe it by pattern instead");
    }
    return RegexParser.parseWhole(regex);
  }
}
