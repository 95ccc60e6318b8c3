package io.github.flinkexecutorch.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.github.flinkexecutorch",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule ONE_PACKAGE =
      classes().should().resideInAPackage("io.github.flinkexecutorch.runtime");

  @ArchTest
  static final ArchRule JAVACPP_STAYS_IN_THE_BRIDGE =
      noClasses()
          .that()
          .doNotHaveSimpleName("NativeBridge")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco..");

  @ArchTest
  static final ArchRule ONE_CLASS_IS_NATIVE =
      noMethods()
          .that()
          .areDeclaredInClassesThat()
          .doNotHaveSimpleName("NativeBridge")
          .should()
          .haveModifier(JavaModifier.NATIVE);

  @ArchTest
  static final ArchRule BRIDGE_IS_HIDDEN =
      classes().that().haveSimpleName("NativeBridge").should().bePackagePrivate();
}
