package io.github.flinkexecutorch.connector;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.github.flinkexecutorch.llm.engine.InferenceEngines;
import io.github.flinkexecutorch.llm.engine.LLMEngine;
import io.github.flinkexecutorch.llm.engine.ModelSpec;
import io.github.flinkexecutorch.llm.engine.RunnerPool;

@AnalyzeClasses(
    packages = "io.github.flinkexecutorch.connector",
    importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule knowsFlinkButNotKafka =
      noClasses().should().dependOnClassesThat().resideInAnyPackage("..kafka..");

  @ArchTest
  static final ArchRule needsNoTablesOutsideOfItsModelProvider =
      noClasses()
          .that()
          .resideOutsideOfPackage("..connector.table..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink.table..", "..connector.table..");

  @ArchTest
  static final ArchRule asksTheEngineAndNothingBelow =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.github.flinkexecutorch.llm.tokenizer..", "org.bytedeco..", "ai.djl..");

  @ArchTest
  static final ArchRule takesOnlySettingsErrorsAndDigestsFromTheRuntime =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.github.flinkexecutorch.runtime..")
                  .and(simpleName("LoadMode").negate())
                  .and(simpleName("Threading").negate())
                  .and(simpleName("KvType").negate())
                  .and(simpleName("WorkspaceSharing").negate())
                  .and(simpleName("XnnpackOptions").negate())
                  .and(simpleName("Sha256").negate())
                  .and(simpleName("ErrorCode").negate())
                  .and(simpleName("ExecuTorchException").negate()));

  @ArchTest
  static final ArchRule choosesTheEngineInOnePlace =
      noClasses()
          .that()
          .doNotHaveSimpleName("ModelEngineFactory")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              ModelSpec.class, InferenceEngines.class, LLMEngine.class, RunnerPool.class);
}
