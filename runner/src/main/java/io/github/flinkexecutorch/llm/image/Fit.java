package io.github.flinkexecutorch.llm.image;

/** How an image of any shape becomes one of the size that an encoder takes. */
public enum Fit {
  /** The size stays as it is. */
  NONE,
  /** Both sides are scaled to the target, whatever becomes of the aspect ratio. */
  STRETCH,
  /** Scaled to fit inside the target, centered, the rest padded. */
  LETTERBOX,
  /** Scaled to fit inside the target, at its top left, the rest padded. */
  LETTERBOX_TOP_LEFT,
  /** The longest edge is scaled to the target's width; the other follows, rounded up to even. */
  LONGEST_EDGE,
  /** The shortest edge is scaled to the target's width; the other follows, rounded down. */
  SHORTEST_EDGE
}
