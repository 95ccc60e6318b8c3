package io.github.flinkexecutorch.jobs.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

/** Who each public type is for is said in its code, and what is promised can be kept. */
@AnalyzeClasses(packages = "io.github.flinkexecutorch", importOptions = DoNotIncludeTests.class)
class ApiAnnotationsTest {
  private static final String[] MODULES_THAT_KNOW_FLINK = {"..connector..", "..jobs.."};

  @ArchTest
  static final ArchRule saysOfEachPublicTypeWhetherItIsPromised =
      classes()
          .that()
          .resideInAnyPackage(MODULES_THAT_KNOW_FLINK)
          .and()
          .arePublic()
          .and()
          .areTopLevelClasses()
          .should()
          .beAnnotatedWith(PublicEvolving.class)
          .orShould()
          .beAnnotatedWith(Internal.class)
          .because("docs/api.md says so; @Internal is the one that promises nothing");

  @ArchTest
  static final ArchRule promisesNoMoreThanOthersKeep =
      members()
          .that()
          .areDeclaredInClassesThat(
              DescribedPredicate.describe("are promised", PublicApi::isPromised))
          .and(DescribedPredicate.describe("are offered", ApiAnnotationsTest::isOffered))
          .should(useOnlyWhatIsPromised());

  private static boolean isOffered(JavaMember member) {
    return member.getModifiers().contains(JavaModifier.PUBLIC)
        || member.getModifiers().contains(JavaModifier.PROTECTED);
  }

  private static ArchCondition<JavaMember> useOnlyWhatIsPromised() {
    return new ArchCondition<>("have signatures of promised types alone") {
      @Override
      public void check(JavaMember member, ConditionEvents events) {
        for (JavaClass used : member.getAllInvolvedRawTypes()) {
          JavaClass type = used.getBaseComponentType();
          boolean ours = type.getPackageName().startsWith("io.github.flinkexecutorch");
          boolean known =
              type.isPrimitive()
                  || type.getPackageName().startsWith("java.")
                  || type.getPackageName().startsWith("org.apache.flink.");
          if (ours ? !PublicApi.isPromised(type) : !known) {
            events.add(
                SimpleConditionEvent.violated(
                    member, member.getDescription() + " offers " + type.getName()));
          }
        }
      }
    };
  }
}
