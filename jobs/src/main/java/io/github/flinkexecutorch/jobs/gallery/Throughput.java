package io.github.flinkexecutorch.jobs.gallery;

import io.github.flinkexecutorch.jobs.gallery.RunFigures.Progress;
import java.util.ArrayList;
import java.util.List;

/** Images per second over a run, in steps of equal length. */
final class Throughput {
  private static final int MOST_STEPS = 60;

  /**
   * A rate.
   *
   * @param seconds end of the step, since the run began
   * @param imagesPerSecond between the step's begin and its end
   */
  record Step(double seconds, double imagesPerSecond) {}

  /** As many steps as there is progress, but at most 60; between two of them progress is even. */
  static List<Step> of(List<Progress> progress) {
    List<Step> steps = new ArrayList<>();
    double end = progress.isEmpty() ? 0 : progress.get(progress.size() - 1).seconds();
    int count = end > 0 ? Math.min(MOST_STEPS, progress.size()) : 0;
    double before = 0;
    for (int i = 1; i <= count; i++) {
      double images = imagesAt(end * i / count, progress);
      steps.add(new Step(end * i / count, (images - before) * count / end));
      before = images;
    }
    return steps;
  }

  private static double imagesAt(double seconds, List<Progress> progress) {
    Progress before = new Progress(0, 0);
    for (Progress after : progress) {
      if (after.seconds() >= seconds && after.seconds() > before.seconds()) {
        double share = (seconds - before.seconds()) / (after.seconds() - before.seconds());
        return before.images() + share * (after.images() - before.images());
      }
      before = after;
    }
    return before.images();
  }

  private Throughput() {}
}
