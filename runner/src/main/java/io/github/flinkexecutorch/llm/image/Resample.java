package io.github.flinkexecutorch.llm.image;

/** Filters of a resize, under the names and numbers of Pillow. */
public enum Resample {
  NEAREST(0, 0),
  LANCZOS(1, 3),
  BILINEAR(2, 1),
  BICUBIC(3, 2),
  BOX(4, 0.5),
  HAMMING(5, 1);

  private static final double CUBIC = -0.5; // Catmull-Rom

  private final int number;
  private final double support;

  Resample(int number, double support) {
    this.number = number;
    this.support = support;
  }

  /** The number that {@code preprocessor_config.json} writes. */
  public int number() {
    return number;
  }

  /** How far from its center the filter reaches, in pixels of the scaled side. */
  double support() {
    return support;
  }

  /** The filter's weight at a distance from its center. */
  double weight(double distance) {
    double x = Math.abs(distance);
    if (this == BOX) {
      return distance > -0.5 && distance <= 0.5 ? 1 : 0;
    }
    if (x >= support) {
      return 0;
    }
    return switch (this) {
      case BILINEAR -> 1 - x;
      case HAMMING -> x == 0 ? 1 : sinc(x) * (0.54 + 0.46 * StrictMath.cos(Math.PI * x));
      case BICUBIC ->
          x < 1 ? ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1 : (((x - 5) * x + 8) * x - 4) * CUBIC;
      case LANCZOS -> sinc(x) * sinc(x / 3);
      default -> throw new IllegalStateException(this + " has no weights");
    };
  }

  private static double sinc(double x) {
    double angle = Math.PI * x;
    return x == 0 ? 1 : StrictMath.sin(angle) / angle;
  }
}
