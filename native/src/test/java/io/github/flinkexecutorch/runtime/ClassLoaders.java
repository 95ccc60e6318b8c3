package io.github.flinkexecutorch.runtime;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** Programs that {@link NativeLibraryTest} runs in processes of their own. */
final class ClassLoaders {
  private ClassLoaders() {}

  /** Opens a program and executes it, or says why it is refused. */
  public static final class Probe implements Callable<String> {
    @Override
    public String call() {
      try (Program program = Fixtures.open("two-methods.pte");
          ExecuTorchModule module = program.openModule(Threading.POOL)) {
        EValue tokens = EValue.of(Tensor.of(new long[] {1, 2}, 1, 2));
        return module.execute("forward", tokens).size() == 1 ? "computed" : "wrong";
      } catch (ExecuTorchException e) {
        return "refused: " + e.code() + ": " + e.getMessage();
      }
    }
  }

  /** One class loader. */
  static final class Once {
    public static void main(String[] arguments) {
      System.out.println(new Probe().call());
    }
  }

  /** Three of one build, one of another, and one more; the cache vanishes in between. */
  static final class Unrelated {
    public static void main(String[] arguments) throws Exception {
      System.out.println("1 " + probe(loader()));
      System.out.println("2 " + probe(loader()));
      deleteTree(Path.of(System.getProperty(NativeFolder.PROPERTY)));
      System.out.println("3 " + probe(loader()));
      System.out.println("4 " + probe(loader(Path.of(arguments[0]))));
      System.out.println("5 " + probe(loader()));
    }
  }

  /** A class loader that nobody needs any more. */
  static final class Collected {
    public static void main(String[] arguments) throws Exception {
      WeakReference<ClassLoader> used = use();
      for (int i = 0; i < 100 && used.get() != null; i++) {
        System.gc();
        Thread.sleep(100);
      }
      System.out.println(used.get() == null ? "collected" : "held");
      System.out.println(probe(loader()) + " again");
    }

    private static WeakReference<ClassLoader> use() throws Exception {
      try (URLClassLoader loader = loader()) {
        System.out.println(probe(loader));
        return new WeakReference<>(loader);
      }
    }
  }

  /** A process with a runtime from elsewhere. */
  static final class Occupied {
    public static void main(String[] arguments) {
      System.load(arguments[0]);
      System.out.println(new Probe().call());
    }
  }

  /** Natives in which something is wrong. */
  static final class Damaged {
    public static void main(String[] arguments) throws Exception {
      System.out.println(probe(loader(Path.of(arguments[0]))));
    }
  }

  // Without a logging backend: it holds on to class loaders of its own accord.
  private static URLClassLoader loader(Path... first) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (Path path : first) {
      urls.add(path.toUri().toURL());
    }
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.contains("log4j")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static String probe(ClassLoader loader) throws Exception {
    return ((Callable<?>) loader.loadClass(Probe.class.getName()).getConstructor().newInstance())
        .call()
        .toString();
  }

  private static void deleteTree(Path folder) throws Exception {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
