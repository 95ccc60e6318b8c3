package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.engine.GenerationTimeoutException;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** Says what a throwable means for the record and for the task. Pure. */
final class FailureClassifier {

  /** Codes after which the next record would fail as well. */
  private static final Set<ErrorCode> DEAD_RUNTIME =
      EnumSet.of(
          ErrorCode.OPERATOR_MISSING,
          ErrorCode.REGISTRATION_EXCEEDING_MAX_KERNELS,
          ErrorCode.REGISTRATION_ALREADY_REGISTERED,
          ErrorCode.MEMORY_ALLOCATION_FAILED,
          ErrorCode.INVALID_PROGRAM,
          ErrorCode.INVALID_EXTERNAL_DATA,
          ErrorCode.OUT_OF_RESOURCES,
          ErrorCode.DELEGATE_INVALID_COMPATIBILITY,
          ErrorCode.DELEGATE_MEMORY_ALLOCATION_FAILED,
          ErrorCode.DELEGATE_INVALID_HANDLE);

  private FailureClassifier() {}

  /** What a failed generation is. */
  static FailureKind classify(Throwable thrown) {
    Throwable failure = unwrap(thrown);
    if (failure instanceof InvalidRequestException invalid) {
      return switch (invalid.reason()) {
        case EMPTY_PROMPT -> FailureKind.EMPTY_PROMPT;
        case CONTEXT_OVERFLOW -> FailureKind.CONTEXT_OVERFLOW;
        case INVALID_PARAMETER -> FailureKind.INVALID_PARAMETER;
        case UNSUPPORTED_INPUT -> FailureKind.UNSUPPORTED_INPUT;
        case IMAGE_DECODE -> FailureKind.IMAGE_DECODE;
        case IMAGE_TOO_LARGE -> FailureKind.IMAGE_TOO_LARGE;
        case AUDIO_DECODE -> FailureKind.AUDIO_DECODE;
        case AUDIO_TOO_LARGE -> FailureKind.AUDIO_TOO_LARGE;
        case TEMPLATE -> FailureKind.TEMPLATE;
      };
    }
    if (failure instanceof GenerationTimeoutException) {
      return FailureKind.TIMEOUT;
    }
    if (failure instanceof NativeCrashException) {
      return FailureKind.NATIVE_CRASH;
    }
    if (failure instanceof ExecuTorchException runtime) {
      return DEAD_RUNTIME.contains(runtime.code())
          ? FailureKind.FATAL
          : FailureKind.GENERATION_FAILED;
    }
    if (failure instanceof InvalidModelException || failure instanceof CancellationException) {
      return FailureKind.FATAL; // the engine is gone, though the task is not
    }
    if (failure instanceof Error && !(failure instanceof StackOverflowError)) {
      return FailureKind.FATAL;
    }
    return FailureKind.GENERATION_FAILED; // one record must not restart the job for ever
  }

  /** Whether the same request may work if it is tried again: the runtime failed, but lives on. */
  static boolean isTransient(Throwable thrown) {
    return unwrap(thrown) instanceof ExecuTorchException
        && classify(thrown) == FailureKind.GENERATION_FAILED;
  }

  /**
   * Whether a failure to open the engine will come again on every restart: options, files and
   * platforms that cannot work, but no full disk and no file system that fails for a while.
   */
  static boolean isPermanentAtStart(Throwable thrown) {
    boolean permanent = false;
    IOException trouble = null; // the innermost, which knows best
    for (Throwable failure = thrown; failure != null; failure = failure.getCause()) {
      permanent |=
          failure instanceof InvalidModelException
              || failure instanceof InvalidRequestException
              || failure instanceof IllegalArgumentException
              || failure instanceof LinkageError
              || (failure instanceof ExecuTorchException runtime && comesAgain(runtime.code()));
      trouble = failure instanceof IOException io ? io : trouble;
    }
    return trouble == null ? permanent : comesAgain(trouble);
  }

  /** A file that the runtime cannot read has been read before, to check it. */
  private static boolean comesAgain(ErrorCode code) {
    return !code.meansOutOfMemory() && code != ErrorCode.ACCESS_FAILED;
  }

  private static boolean comesAgain(IOException trouble) {
    return trouble instanceof NoSuchFileException
        || trouble instanceof AccessDeniedException
        || trouble instanceof FileAlreadyExistsException
        || trouble instanceof UnsupportedFileSystemSchemeException
        || trouble instanceof CharacterCodingException
        || trouble instanceof CharConversionException
        || trouble instanceof JsonProcessingException;
  }

  /** What a failure at the start is thrown as: a permanent one suppresses restarts. */
  static RuntimeException atStart(RuntimeException failure) {
    return isPermanentAtStart(failure) ? new SuppressRestartsException(failure) : failure;
  }

  /** The failure itself, without the wrappers of futures. */
  static Throwable unwrap(Throwable thrown) {
    Throwable failure = thrown;
    while ((failure instanceof CompletionException || failure instanceof ExecutionException)
        && failure.getCause() != null) {
      failure = failure.getCause();
    }
    return failure;
  }
}
