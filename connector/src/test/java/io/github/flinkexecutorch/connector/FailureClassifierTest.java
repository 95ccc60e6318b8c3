package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonParseException;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.engine.GenerationTimeoutException;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FailureClassifierTest {

  static Stream<Arguments> generations() {
    return Stream.of(
        arguments(new GenerationTimeoutException("late"), FailureKind.TIMEOUT),
        arguments(new NativeCrashException("a", Path.of("j")), FailureKind.NATIVE_CRASH),
        arguments(runtime(ErrorCode.INTERNAL), FailureKind.GENERATION_FAILED),
        arguments(runtime(ErrorCode.INVALID_STATE), FailureKind.GENERATION_FAILED),
        arguments(runtime(ErrorCode.INVALID_ARGUMENT), FailureKind.GENERATION_FAILED),
        arguments(runtime(ErrorCode.NOT_SUPPORTED), FailureKind.GENERATION_FAILED),
        arguments(runtime(ErrorCode.UNKNOWN), FailureKind.GENERATION_FAILED),
        arguments(runtime(ErrorCode.OPERATOR_MISSING), FailureKind.FATAL),
        arguments(runtime(ErrorCode.MEMORY_ALLOCATION_FAILED), FailureKind.FATAL),
        arguments(runtime(ErrorCode.DELEGATE_INVALID_HANDLE), FailureKind.FATAL),
        arguments(new NullPointerException(), FailureKind.GENERATION_FAILED),
        arguments(new StackOverflowError(), FailureKind.GENERATION_FAILED),
        arguments(new InvalidModelException("gone"), FailureKind.FATAL),
        arguments(new CancellationException("engine closed"), FailureKind.FATAL),
        arguments(new OutOfMemoryError(), FailureKind.FATAL),
        arguments(new UnsatisfiedLinkError(), FailureKind.FATAL),
        arguments(new AssertionError(), FailureKind.FATAL));
  }

  @ParameterizedTest
  @MethodSource("generations")
  void shouldSayWhatAFailedGenerationIs(Throwable failure, FailureKind kind) {
    assertThat(FailureClassifier.classify(failure)).isEqualTo(kind);
    assertThat(FailureClassifier.classify(new CompletionException(failure))).isEqualTo(kind);
  }

  @Test
  void shouldTryAgainOnlyWhatTheRuntimeFailedOn() {
    assertThat(FailureClassifier.isTransient(runtime(ErrorCode.INTERNAL))).isTrue();
    assertThat(
            FailureClassifier.isTransient(
                new CompletionException(runtime(ErrorCode.INVALID_ARGUMENT))))
        .isTrue();
    assertThat(FailureClassifier.isTransient(runtime(ErrorCode.MEMORY_ALLOCATION_FAILED)))
        .isFalse();
    assertThat(FailureClassifier.isTransient(new GenerationTimeoutException("late"))).isFalse();
    assertThat(FailureClassifier.isTransient(new NullPointerException())).isFalse();
    for (Reason reason : Reason.values()) {
      assertThat(FailureClassifier.isTransient(new InvalidRequestException(reason, "bad")))
          .isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void shouldKeepTheReasonOfAnInvalidRequest(Reason reason) {
    assertThat(FailureClassifier.classify(new InvalidRequestException(reason, "bad")).name())
        .isEqualTo(reason.name());
  }

  static Stream<Arguments> starts() {
    return Stream.of(
        arguments(new InvalidModelException("missing"), true),
        arguments(new ExecutionException(new InvalidModelException("missing")), true),
        arguments(new IllegalArgumentException("option"), true),
        arguments(new UnsatisfiedLinkError("platform"), true),
        arguments(runtime(ErrorCode.OPERATOR_MISSING), true),
        arguments(runtime(ErrorCode.INVALID_PROGRAM), true),
        arguments(runtime(ErrorCode.MEMORY_ALLOCATION_FAILED), false),
        arguments(runtime(ErrorCode.ACCESS_FAILED), false),
        arguments(new IOException("disk"), false),
        arguments(unusable(new IOException("No space left on device")), false),
        arguments(unusable(new FileSystemException("/m.pte", null, "Stale file handle")), false),
        arguments(new IllegalArgumentException("no folder", new IOException("disk")), false),
        arguments(unusable(new NoSuchFileException("/m.pte")), true),
        arguments(unusable(new IOException("wrapped", new AccessDeniedException("/m"))), true),
        arguments(unusable(new MalformedInputException(1)), true),
        arguments(unusable(new JsonParseException(null, "no JSON")), true),
        arguments(new IllegalArgumentException(new FileAlreadyExistsException("/j")), true),
        arguments(new OutOfMemoryError(), false));
  }

  @ParameterizedTest
  @MethodSource("starts")
  void shouldSayWhetherAFailedStartComesAgain(Throwable failure, boolean permanent) {
    assertThat(FailureClassifier.isPermanentAtStart(failure)).isEqualTo(permanent);
  }

  private static InvalidModelException unusable(IOException cause) {
    return new InvalidModelException("Model file /m.pte cannot be read: " + cause, cause);
  }

  private static ExecuTorchException runtime(ErrorCode code) {
    return new ExecuTorchException(code, "failed");
  }
}
