package io.github.flinkexecutorch.jobs.faults;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What a clock that is set in the middle of a job may change. */
class ClockTest {
  private static final String LIMITS = ".*\\.(Cancellation|ReadingLimits|RowSubtask)(\\$.*)?";

  @Test
  void shouldTakeNoTimeLimitFromTheTimeOfDay() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.github.flinkexecutorch.llm", "io.github.flinkexecutorch.connector");

    noClasses()
        .that()
        .haveNameMatching(LIMITS)
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .check(classes);
  }
}
