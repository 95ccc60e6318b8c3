package io.github.flinkexecutorch.llm;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.github.flinkexecutorch.llm");

  @Test
  void shouldKnowNothingOfFlinkAndKafka() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..", "..connector..", "..jobs..")
        .check(CLASSES);
  }

  @Test
  void shouldKeepTheEngineOnTop() {
    noClasses()
        .that()
        .resideInAnyPackage("io.github.flinkexecutorch.llm", "..llm.tokenizer", "..llm.chat")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("..llm.engine")
        .check(CLASSES);
  }

  @Test
  void shouldKeepTokenizersApartFromTheRuntime() {
    noClasses()
        .that()
        .resideInAPackage("..llm.tokenizer")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("..runtime..")
        .check(CLASSES);
  }

  @Test
  void shouldKeepTheTokenizerLibraryInItsPackage() {
    classes()
        .that()
        .resideOutsideOfPackage("..llm.tokenizer")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("ai.djl..")
        .check(CLASSES);
  }

  @Test
  void shouldLetNothingDependOnTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..llm.cli")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..llm.cli", "picocli..")
        .check(CLASSES);
  }

  @Test
  void shouldKeepTheDecodersOfMediaInTheirPackages() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..llm.image")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("javax.imageio..", "java.awt..", "com.twelvemonkeys..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage("..llm.audio")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.jflac..", "javazoom..", "com.jcraft..")
        .check(CLASSES);
  }
}
