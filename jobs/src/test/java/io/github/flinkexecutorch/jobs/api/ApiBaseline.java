package io.github.flinkexecutorch.jobs.api;

import static java.util.Comparator.comparing;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDateTime;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * The promised types of a package and those below, as a jar that japicmp compares with: class files
 * with neither code nor members that others cannot call.
 */
final class ApiBaseline {
  private static final LocalDateTime ALWAYS = LocalDateTime.of(1980, 1, 1, 0, 0);

  private ApiBaseline() {}

  static byte[] of(String root) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream jar = new ZipOutputStream(bytes)) {
      for (JavaClass type : types(root)) {
        ZipEntry entry = new ZipEntry(file(type));
        entry.setTimeLocal(ALWAYS); // so that the same types make the same jar
        jar.putNextEntry(entry);
        jar.write(withoutCode(type));
        jar.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  /** With their supertypes, promised or not: what those offer, the types themselves do. */
  private static SortedSet<JavaClass> types(String root) {
    SortedSet<JavaClass> types = new TreeSet<>(comparing(JavaClass::getName));
    PublicApi.promised(root)
        .forEach(
            type -> {
              types.add(type);
              types.addAll(type.getAllRawSuperclasses());
              types.addAll(type.getAllRawInterfaces());
            });
    types.removeIf(type -> !type.getName().startsWith(root + "."));
    return types;
  }

  private static byte[] withoutCode(JavaClass type) throws IOException {
    ClassWriter writer = new ClassWriter(0);
    try (InputStream compiled = type.reflect().getResourceAsStream("/" + file(type))) {
      new ClassReader(compiled)
          .accept(new Offered(writer), ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
    }
    return writer.toByteArray();
  }

  private static String file(JavaClass type) {
    return type.getName().replace('.', '/') + ".class";
  }

  private static final class Offered extends ClassVisitor {
    Offered(ClassVisitor writer) {
      super(Opcodes.ASM9, writer);
    }

    @Override
    public FieldVisitor visitField(
        int access, String name, String descriptor, String signature, Object value) {
      return isOffered(access)
          ? super.visitField(access, name, descriptor, signature, value)
          : null;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      return isOffered(access)
          ? super.visitMethod(access, name, descriptor, signature, exceptions)
          : null;
    }

    private static boolean isOffered(int access) {
      return (access & (Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED)) != 0;
    }
  }
}
