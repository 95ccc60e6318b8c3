package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Date;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a clock that is set in the middle of a job may change. */
class ClockTest {
  /** What the time of day is written down by, or compared with one that another process wrote. */
  private static final Set<String> READERS =
      Set.of(
          "connector.JournalFolder", // ages of files, of days
          "connector.Outcomes", // when a dead letter was made
          "jobs.batch.BatchRouter", // when a run was submitted, for its cost report
          "jobs.files.ProcessUse", // how long ago that was, on another machine
          "llm.LoadTimes", // one stamp of a loading; the other is as far away as it took
          "llm.StatsRecorder", // one stamp of a generation; likewise
          "llm.engine.ModelCopies", // ages of files, of days
          "llm.engine.ModelFiles", // when a file was used last
          "llm.engine.PackedWeights"); // ages of files, of hours

  @Test
  void shouldMeasureNothingByTheTimeOfDay() {
    String ours = "io.github.flinkexecutorch.";
    Set<String> readers =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ours)
                .stream()
                .filter(type -> type.getAccessesFromSelf().stream().anyMatch(ClockTest::readsIt))
                .map(JavaClass::getName)
                .map(name -> name.substring(ours.length()))
                .collect(Collectors.toSet());

    assertThat(readers).isEqualTo(READERS);
  }

  private static boolean readsIt(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String name = access.getName();
    return name.equals("currentTimeMillis")
        || name.equals("currentProcessingTime")
        || (owner.getPackageName().equals("java.time") && name.matches("now|system.*|tick.*"))
        || owner.isEquivalentTo(Date.class);
  }
}
