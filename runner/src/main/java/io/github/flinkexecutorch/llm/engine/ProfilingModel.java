package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecutionProfile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records one step before it is executed as all others are. Confined to the engine's thread. */
final class ProfilingModel extends ForwardingModel {
  private static final Logger LOG = LoggerFactory.getLogger(ProfilingModel.class);

  private final BatchedModel recorded;
  private final StepProfile profile;
  private final String engine;
  private long steps;

  /**
   * @param model what executes steps
   * @param recorded what a step is recorded on
   * @param engine its name, for the log and the file
   */
  ProfilingModel(StepModel model, BatchedModel recorded, StepProfile profile, String engine) {
    super(model);
    this.recorded = recorded;
    this.profile = profile;
    this.engine = engine;
  }

  @Override
  public void execute(Step step) {
    if (++steps == profile.step()) {
      report(step);
    }
    super.execute(step);
  }

  /** Whatever happens, the step is executed after it, and no request hears of it. */
  private void report(Step step) {
    try {
      ExecutionProfile times = recorded.profile(step);
      LOG.info(
          "Step {} of engine {}: {} tokens of {} sequences, {} rows\n{}",
          steps,
          engine,
          step.tokens(),
          step.runs().size(),
          step.rows(),
          times);
      if (profile.folder().isPresent()) {
        write(profile.folder().get(), times.etDump());
      }
    } catch (ExecuTorchException | IOException e) {
      LOG.warn("Step {} of engine {} could not be recorded", steps, engine, e);
    }
  }

  private void write(Path folder, byte[] etDump) throws IOException {
    Files.createDirectories(folder);
    String name = "engine-%s-step-%d".formatted(engine, steps);
    for (int others = 0; ; others++) {
      Path file = folder.resolve(name + (others == 0 ? "" : "-" + others) + ".etdp");
      try {
        Files.write(file, etDump, StandardOpenOption.CREATE_NEW);
        LOG.info("Its ETDump of {} bytes is in {}", etDump.length, file);
        return;
      } catch (FileAlreadyExistsException e) { // of another model or job
        LOG.debug("{} is there already", file);
      }
    }
  }
}
