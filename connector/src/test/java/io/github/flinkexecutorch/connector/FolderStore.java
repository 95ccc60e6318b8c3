package io.github.flinkexecutorch.connector;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * A file system as a plugin of Flink brings it, of the scheme {@code store}: the folders of this
 * machine, whatever the bucket. The bucket {@code slow} never gives a byte.
 */
public final class FolderStore implements FileSystemFactory {

  @Override
  public String getScheme() {
    return "store";
  }

  @Override
  public FileSystem create(URI uri) {
    boolean slow = "slow".equals(uri.getAuthority());
    return new LocalFileSystem() {
      @Override
      public FileStatus getFileStatus(Path path) throws IOException {
        return super.getFileStatus(local(path));
      }

      @Override
      public FSDataInputStream open(Path path) throws IOException {
        return slow ? new Silence() : super.open(local(path));
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

  /** Waits until it is closed. */
  private static final class Silence extends FSDataInputStream {
    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public int read() throws IOException {
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("closed");
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      return read();
    }

    @Override
    public void seek(long position) {}

    @Override
    public long getPos() {
      return 0;
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
