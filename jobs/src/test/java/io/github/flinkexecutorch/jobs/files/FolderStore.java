package io.github.flinkexecutorch.jobs.files;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * A file system as a plugin of Flink brings it, of the scheme {@code store}: the folders of this
 * machine, whatever the bucket.
 */
public final class FolderStore implements FileSystemFactory {

  @Override
  public String getScheme() {
    return "store";
  }

  @Override
  public FileSystem create(URI uri) {
    return new LocalFileSystem() {
      @Override
      public FileStatus getFileStatus(Path path) throws IOException {
        return super.getFileStatus(local(path));
      }

      @Override
      public FileStatus[] listStatus(Path path) throws IOException {
        return super.listStatus(local(path));
      }

      @Override
      public FSDataInputStream open(Path path) throws IOException {
        return super.open(local(path));
      }

      @Override
      public URI getUri() {
        return uri;
      }
    };
  }

  private static Path local(Path path) {
    return new Path(path.getPath());
  }
}
