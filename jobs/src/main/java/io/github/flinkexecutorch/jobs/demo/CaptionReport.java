package io.github.flinkexecutorch.jobs.demo;

/**
 * The figures of the demo's captions, as {@code captions-report.json} has them.
 *
 * @param images files in the folder, the bad ones among them
 * @param captions images with a caption
 * @param deadLetters files without one
 * @param attributesRight share of all that the captions state that is right: things, their colors,
 *     sizes and counts, relations, weather and time
 * @param objectsRight share of the things drawn that the captions name
 * @param imagesPerSecond captions and dead letters by the time from the job's submission to its
 *     end, loading the model included
 */
record CaptionReport(
    long images,
    long captions,
    long deadLetters,
    double attributesRight,
    double objectsRight,
    double imagesPerSecond) {
  private static final double WANTED = 0.9;

  /** Whether every file came out once and the captions are as good as the model promises. */
  boolean passed(int bad) {
    return deadLetters == bad && captions == images - bad && attributesRight >= WANTED;
  }
}
