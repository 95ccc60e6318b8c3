package io.github.flinkexecutorch.jobs;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What no class of any module does, whatever a stranger sends. */
@AnalyzeClasses(packages = "io.github.flinkexecutorch", importOptions = DoNotIncludeTests.class)
class SecurityRulesTest {
  @ArchTest
  static final ArchRule READS_NO_JAVA_OBJECTS =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.io\\.ObjectInput.*|java\\.beans\\.XMLDecoder"
                  + "|org\\.apache\\.flink\\.util\\.InstantiationUtil");

  @ArchTest
  static final ArchRule LETS_NO_JSON_NAME_A_CLASS =
      noClasses()
          .should()
          .callMethodWhere(target(nameMatching("(activate|enable)DefaultTyping.*")))
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("com\\.fasterxml\\.jackson\\.annotation\\.JsonTypeInfo.*");

  @ArchTest
  static final ArchRule STARTS_NO_PROCESS =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.ProcessBuilder")
          .orShould()
          .callMethodWhere(
              target(nameMatching("exec")).and(targetOwner(assignableTo(Runtime.class))));

  @ArchTest
  static final ArchRule FINDS_NO_METHOD_BY_NAME =
      noClasses()
          .that()
          .doNotHaveSimpleName("FailingRow")
          .and()
          .doNotHaveSimpleName("ResultWriter") // closes what a library holds in a private field
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.lang.reflect..", "javax.script..", "javax.naming..");

  /** Its interpreter knows the values of JSON; of Java it knows what it is written in. */
  @ArchTest
  static final ArchRule GIVES_TEMPLATES_NOTHING_OF_JAVA =
      noClasses()
          .that()
          .resideInAPackage("..llm.chat..")
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.lang\\.(reflect|invoke)\\..*"
                  + "|java\\.lang\\.(Class(Loader|Value)|Runtime|Process|Thread|Module)\\b.*"
                  + "|java\\.net\\..*|java\\.io\\.File.*|javax\\..*|jdk\\..*|sun\\..*")
          .orShould()
          .callMethodWhere(
              targetOwner(assignableTo(Class.class))
                  .and(target(nameMatching("forName|get(Declared)?(Method|Field|Constructor)s?"))));

  @ArchTest
  static final ArchRule READS_FILES_FOR_TEMPLATES_IN_ONE_PLACE =
      noClasses()
          .that()
          .resideInAPackage("..llm.chat..")
          .and()
          .doNotHaveSimpleName("TemplateFiles")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.nio.file.Files");

  @ArchTest
  static final ArchRule ASKS_HOSTS_IN_ONE_PLACE =
      noClasses()
          .that()
          .resideOutsideOfPackage("..jobs.demo..")
          .and()
          .haveNameNotMatching(".*\\.(UrlReader|ImageReferences)(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .haveNameMatching("org\\.apache\\.hc\\..*|java\\.net\\.http\\..*|java\\.net\\.Socket");

  @ArchTest
  static final ArchRule TRUSTS_CERTIFICATES_AS_THE_PLATFORM_DOES =
      noClasses()
          .should()
          .beAssignableTo("javax.net.ssl.TrustManager")
          .orShould()
          .beAssignableTo("javax.net.ssl.HostnameVerifier");

  /** {@code java.nio.file.Files} makes temporary files for their owner only. */
  @ArchTest
  static final ArchRule MAKES_TEMPORARY_FILES_FOR_ITS_USER_ONLY =
      noClasses()
          .should()
          .callMethodWhere(
              target(nameMatching("createTempFile|deleteOnExit"))
                  .and(targetOwner(assignableTo(java.io.File.class))));
}
