package io.github.flinkexecutorch.jobs.api;

import static java.util.stream.Collectors.joining;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;

/**
 * What code outside of this project may call, as text: a line for each public type of a package and
 * those below, and under it a line for each of its members. Types that are marked as internal are
 * left out.
 */
final class PublicApi {
  /** Of every object, and of every enum and record; nobody promises more of them than Java does. */
  private static final Set<String> OF_ALL = Set.of("equals", "hashCode", "toString");

  private PublicApi() {}

  static String of(String root) {
    return promised(root)
        .sorted((a, b) -> a.getName().compareTo(b.getName()))
        .map(type -> text(type.reflect()))
        .collect(joining("\n"));
  }

  static Stream<JavaClass> promised(String root) {
    return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(root)
            .stream()
            .filter(PublicApi::isPromised);
  }

  /** Whether a type, and each one that it is in, is public and not internal. */
  static boolean isPromised(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && !isInternal(type)
        && type.getEnclosingClass().map(PublicApi::isPromised).orElse(true);
  }

  private static boolean isInternal(JavaClass type) {
    return type.getAnnotations().stream()
        .anyMatch(annotation -> annotation.getRawType().getSimpleName().equals("Internal"));
  }

  private static String text(Class<?> type) {
    List<String> members = new ArrayList<>();
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isOffered(constructor.getModifiers(), constructor.isSynthetic())) {
        members.add(modifiers(constructor.getModifiers()) + "new" + signature(constructor));
      }
    }
    members.addAll(inherited(type));
    return members.stream()
        .distinct()
        .sorted()
        .map(line -> "    " + line + "\n")
        .collect(joining("", head(type), ""));
  }

  /** Members of the type itself and of parents that nobody else can see, so those of this type. */
  private static List<String> inherited(Class<?> type) {
    List<String> members = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (isOffered(field.getModifiers(), field.isSynthetic())) {
        members.add(text(field));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (isOffered(method.getModifiers(), method.isSynthetic())
          && !OF_ALL.contains(method.getName())
          && !isOfEveryEnum(type, method)) {
        members.add(text(method));
      }
    }
    Class<?> parent = type.getSuperclass();
    if (parent != null && !Modifier.isPublic(parent.getModifiers())) {
      members.addAll(inherited(parent));
    }
    return members;
  }

  private static String head(Class<?> type) {
    StringBuilder head = new StringBuilder();
    // What the compiler infers of enums and records differs from one version of Java to the next.
    if (!type.isEnum() && !type.isRecord() && !type.isInterface()) {
      head.append(modifiers(type.getModifiers()));
    }
    head.append(kind(type)).append(' ').append(type.getName()).append(variables(type));
    Class<?> parent = type.getSuperclass();
    if (parent != null && !Set.of(Object.class, Enum.class, Record.class).contains(parent)) {
      head.append(" extends ").append(name(type.getGenericSuperclass()));
    }
    if (type.getInterfaces().length > 0) {
      head.append(" is ").append(names(type.getGenericInterfaces()));
    }
    return head.append('\n').toString();
  }

  private static String kind(Class<?> type) {
    if (type.isAnnotation()) {
      return "annotation";
    }
    if (type.isInterface()) {
      return "interface";
    }
    return type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
  }

  private static String text(Field field) {
    return field.isEnumConstant()
        ? field.getName()
        : modifiers(field.getModifiers())
            + name(field.getGenericType())
            + " "
            + field.getName()
            + key(field);
  }

  /** What users write for an option, which is promised as much as the name of its constant. */
  private static String key(Field field) {
    if (field.getType() != ConfigOption.class) {
      return "";
    }
    try {
      return " = " + ((ConfigOption<?>) field.get(null)).key();
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Method method) {
    String variables = variables(method);
    return modifiers(method.getModifiers() & ~Modifier.FINAL)
        + (method.isDefault() ? "default " : "")
        + (variables.isEmpty() ? "" : variables + " ")
        + name(method.getGenericReturnType())
        + " "
        + method.getName()
        + signature(method);
  }

  private static String signature(Executable code) {
    String parameters = names(code.getGenericParameterTypes());
    String thrown = names(code.getGenericExceptionTypes());
    return "(" + parameters + ")" + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  private static String modifiers(int modifiers) {
    int told = Modifier.PROTECTED | Modifier.STATIC | Modifier.ABSTRACT | Modifier.FINAL;
    return (modifiers & told) == 0 ? "" : Modifier.toString(modifiers & told) + " ";
  }

  private static String variables(GenericDeclaration declaration) {
    TypeVariable<?>[] variables = declaration.getTypeParameters();
    return variables.length == 0
        ? ""
        : Arrays.stream(variables)
            .map(variable -> variable.getName() + bounds(variable))
            .collect(joining(", ", "<", ">"));
  }

  private static String bounds(TypeVariable<?> variable) {
    String bounds = names(variable.getBounds());
    return bounds.equals("Object") ? "" : " extends " + bounds;
  }

  private static String names(Type[] types) {
    return Stream.of(types).map(PublicApi::name).collect(joining(", "));
  }

  /** Without the packages that every reader knows. */
  private static String name(Type type) {
    return type.getTypeName().replaceAll("\\bjava\\.(lang|util)\\.(?=[A-Z])", "");
  }

  private static boolean isOffered(int modifiers, boolean synthetic) {
    return !synthetic && (Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers));
  }

  private static boolean isOfEveryEnum(Class<?> type, Method method) {
    return type.isEnum()
        && Modifier.isStatic(method.getModifiers())
        && Set.of("values", "valueOf").contains(method.getName());
  }
}
