package io.github.flinkexecutorch.llm.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Arithmetic as Python does it, in 64 bits; integers beyond that are an error, not a wrong sum. */
final class Numbers {
  private Numbers() {}

  static Number add(Number left, Number right) {
    return integers(left, right) ? exact(big(left).add(big(right))) : real(left) + real(right);
  }

  static Number subtract(Number left, Number right) {
    return integers(left, right) ? exact(big(left).subtract(big(right))) : real(left) - real(right);
  }

  static Number multiply(Number left, Number right) {
    return integers(left, right) ? exact(big(left).multiply(big(right))) : real(left) * real(right);
  }

  static Number divide(Number left, Number right) {
    return real(left) / divisor(right);
  }

  static Number floorDivide(Number left, Number right) {
    double divisor = divisor(right);
    if (!integers(left, right)) {
      return (real(left) - remainder(real(left), divisor)) / divisor;
    }
    BigInteger[] parts = big(left).divideAndRemainder(big(right));
    boolean below = parts[1].signum() != 0 && parts[1].signum() != big(right).signum();
    return exact(below ? parts[0].subtract(BigInteger.ONE) : parts[0]);
  }

  static Number remainder(Number left, Number right) {
    double divisor = divisor(right);
    if (!integers(left, right)) {
      return remainder(real(left), divisor);
    }
    BigInteger rest = big(left).remainder(big(right));
    boolean below = rest.signum() != 0 && rest.signum() != big(right).signum();
    return exact(below ? rest.add(big(right)) : rest);
  }

  private static double remainder(double left, double right) {
    double rest = left % right;
    return rest != 0 && rest < 0 != right < 0 ? rest + right : rest;
  }

  static Number power(Number left, Number right) {
    if (!integers(left, right) || big(right).signum() < 0) {
      return Math.pow(real(left), real(right));
    }
    BigInteger base = big(left);
    BigInteger exponent = big(right);
    if (exponent.bitLength() < 7) {
      return exact(base.pow(exponent.intValue()));
    }
    return base.abs().compareTo(BigInteger.ONE) <= 0
        ? exact(base.pow(exponent.testBit(0) ? 3 : 2))
        : exact(BigInteger.ONE.shiftLeft(64));
  }

  static int compare(Number left, Number right) {
    if (integers(left, right)) {
      return big(left).compareTo(big(right));
    }
    return Double.compare(real(left) + 0.0, real(right) + 0.0);
  }

  /** To so many decimal places; ties, of the exact binary value, go to the even digit. */
  static double round(double value, int places) {
    if (!Double.isFinite(value)) {
      return value;
    }
    BigDecimal rounded = new BigDecimal(value).setScale(places, RoundingMode.HALF_EVEN);
    return Math.copySign(rounded.doubleValue(), value);
  }

  /** The shortest digits that give the number again, in Python's notation. */
  static String print(Number number) {
    if (!(number instanceof Double real)) {
      return number.toString();
    }
    if (!Double.isFinite(real)) {
      return Double.isNaN(real) ? "nan" : real > 0 ? "inf" : "-inf";
    }
    if (real == 0) {
      return 1 / real > 0 ? "0.0" : "-0.0";
    }
    BigDecimal exact = new BigDecimal(real);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= 17; digits++) {
      shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (shortest.doubleValue() == real) {
        break;
      }
    }
    shortest = shortest.stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = shortest.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String digits = shortest.unscaledValue().abs().toString();
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    String sign = real < 0 ? "-" : "";
    String power =
        String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    return sign + digits.charAt(0) + fraction + power;
  }

  /** A real number as Python's {@code float()} reads it; null if it is none. */
  static Double parse(String text) {
    String stripped = text.strip();
    if (stripped.matches("(?i)[+-]?(inf(inity)?|nan)")) {
      boolean negative = stripped.startsWith("-");
      boolean infinite = Characters.lower(stripped).contains("inf");
      return !infinite
          ? Double.NaN
          : negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return stripped.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")
        ? Double.valueOf(stripped)
        : null;
  }

  private static boolean integers(Number left, Number right) {
    return !(left instanceof Double) && !(right instanceof Double);
  }

  private static BigInteger big(Number number) {
    return number instanceof BigInteger big ? big : BigInteger.valueOf(number.longValue());
  }

  private static double real(Number number) {
    return number.doubleValue();
  }

  private static double divisor(Number number) {
    if (real(number) == 0) {
      throw new TemplateException("a number is divided by zero");
    }
    return real(number);
  }

  private static Number exact(BigInteger result) {
    if (result.bitLength() > 63) {
      throw new TemplateException("an integer needs more than 64 bits");
    }
    return result.longValue();
  }
}
