package io.github.flinkexecutorch.jobs.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a job in its output folder: there they are where neither the cluster's
 * configuration nor the user names a folder for them.
 */
@Internal
public final class OwnCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(OwnCheckpoints.class);

  /** Set only where they are in the output folder. */
  private static final ConfigOption<String> FOLDER =
      ConfigOptions.key("jobs.own-checkpoints").stringType().noDefaultValue();

  private static final Pattern JOB_ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern OF_A_JOB = Pattern.compile("chk-\\d+|shared|taskowned");

  static void put(Path folder, Configuration defaults) {
    String qualified = qualified(folder);
    defaults.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, qualified);
    defaults.set(FOLDER, qualified);
  }

  /**
   * Removes what is left of them after a job that is done, and of jobs that it went on from. Flink
   * leaves empty folders; where it is still giving up the last checkpoint, some may stay, which is
   * no reason to fail. What no job of Flink has made stays: the folder may be the user's.
   */
  public static void remove(StreamExecutionEnvironment env) {
    env.getConfiguration().getOptional(FOLDER).map(Path::new).ifPresent(OwnCheckpoints::remove);
  }

  private static void remove(Path folder) {
    try {
      FileSystem files = folder.getFileSystem();
      for (FileStatus child : list(files, folder)) {
        if (isOfAJob(files, child)) {
          files.delete(child.getPath(), true);
        }
      }
      if (files.exists(folder) && list(files, folder).isEmpty()) {
        files.delete(folder, false);
      }
    } catch (IOException e) {
      LOG.info("Cannot remove {}: {}", folder, e.toString());
    }
  }

  private static boolean isOfAJob(FileSystem files, FileStatus folder) throws IOException {
    return folder.isDir()
        && JOB_ID.matcher(folder.getPath().getName()).matches()
        && list(files, folder.getPath()).stream()
            .allMatch(child -> OF_A_JOB.matcher(child.getPath().getName()).matches());
  }

  private static List<FileStatus> list(FileSystem files, Path folder) throws IOException {
    FileStatus[] children = files.exists(folder) ? files.listStatus(folder) : null;
    return children == null ? List.of() : List.of(children);
  }

  private static String qualified(Path folder) {
    try {
      return folder.makeQualified(folder.getFileSystem()).toString();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot find the file system of " + folder, e);
    }
  }

  private OwnCheckpoints() {}
}
