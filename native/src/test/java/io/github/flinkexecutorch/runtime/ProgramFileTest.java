package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramFileTest {
  @TempDir private Path folder;

  @Test
  void shouldNameAMissingFile() {
    refused(folder.resolve("none.pte"), ErrorCode.ACCESS_FAILED, "no such file");
  }

  @Test
  void shouldRefuseAFolder() {
    refused(folder, ErrorCode.ACCESS_FAILED, "not a file");
  }

  /** Root may read any file of a disk; this one of the kernel can be written only. */
  @Test
  void shouldRefuseAFileThatItMayNotRead() {
    refused(Path.of("/proc/sys/vm/compact_memory"), ErrorCode.ACCESS_FAILED, "may not read it");
  }

  @Test
  void shouldRefuseAnEmptyFile() throws Exception {
    refused(write(new byte[0]), ErrorCode.INVALID_PROGRAM, "0 bytes");
  }

  @Test
  void shouldRefuseSomethingElse() throws Exception {
    refused(write(new byte[4096]), ErrorCode.INVALID_PROGRAM, "not an ExecuTorch program");
  }

  @Test
  void shouldRefuseADataFileAsProgram() throws Exception {
    byte[] data = Files.readAllBytes(Fixtures.path("external.ptd"));
    refused(write(data), ErrorCode.INVALID_PROGRAM, "not an ExecuTorch program");
  }

  @Test
  void shouldRefuseAProgramAsDataFile() {
    Path program = Fixtures.path("external.pte");
    assertThatThrownBy(() -> Program.open(program, List.of(program), LoadMode.MMAP))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContainingAll("external.pte", "not an ExecuTorch data file");
  }

  @Test
  void shouldRefuseAnotherFormat() throws Exception {
    byte[] newer = Files.readAllBytes(Fixtures.path("two-methods.pte"));
    newer[7] = '9';
    refused(write(newer), ErrorCode.INVALID_PROGRAM, "format ET19", "reads ET12");
  }

  @Test
  void shouldRefuseANewerSchema() throws Exception {
    byte[] newer = Files.readAllBytes(Fixtures.path("two-methods.pte"));
    ByteBuffer words = ByteBuffer.wrap(newer).order(ByteOrder.LITTLE_ENDIAN);
    int table = words.getInt(0);
    int fields = table - words.getInt(table);
    int version = words.getShort(fields + 4);
    // The exporter leaves out the default 0: give the field the place of another one.
    assertThat(version).as("version field is left out").isZero();
    int longest = words.getShort(fields + 6);
    words.putShort(fields + 4, (short) longest);
    refused(write(newer), ErrorCode.INVALID_PROGRAM, "file.pte");
  }

  @Test
  void shouldRefuseATruncatedProgramAndData() throws Exception {
    byte[] program = Files.readAllBytes(Fixtures.path("two-methods.pte"));
    refused(
        write(Arrays.copyOf(program, program.length / 2)),
        ErrorCode.INVALID_PROGRAM,
        "truncated",
        String.valueOf(program.length / 2));
    byte[] data = Files.readAllBytes(Fixtures.path("external.ptd"));
    Path cut = write(Arrays.copyOf(data, data.length / 2));
    assertThatThrownBy(
            () -> Program.open(Fixtures.path("external.pte"), List.of(cut), LoadMode.FILE))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContainingAll(cut.toString(), "truncated");
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("file.pte"), bytes);
  }

  private static void refused(Path path, ErrorCode code, String... parts) {
    for (LoadMode mode : LoadMode.values()) {
      assertThatThrownBy(() -> Program.open(path, List.of(), mode))
          .isInstanceOfSatisfying(
              ExecuTorchException.class, e -> assertThat(e.code()).isEqualTo(code))
          .hasMessageContaining(path.toString())
          .hasMessageContainingAll(parts);
    }
  }
}
