package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import io.github.flinkexecutorch.runtime.TensorMeta;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * Makes features of sound by an exported program, for example the log-mel spectrogram that {@code
 * python -m executorch.extension.audio.mel_spectrogram} exports: {@code forward(waveform f32[N]) ->
 * f32[1, bins, 3000 * k]}, or {@code [k, bins, 3000]} if exported with stacked output. The program
 * pads the sound with silence to {@code k} windows of 30 s.
 *
 * <p>Confined to one thread. Whoever opens it closes it.
 */
public final class AudioPreprocessor implements AutoCloseable {
  /** Samples per second that Whisper's preprocessing, and what follows it, is defined for. */
  public static final int SAMPLE_RATE = 16_000;

  private static final String METHOD = "forward";

  private final ExecuTorchModule module;
  private final int maxSamples;

  /**
   * A preprocessor over a loaded program.
   *
   * @param module closed with this preprocessor, and also if this constructor fails
   * @throws InvalidModelException saying what is different, if it is no such program
   */
  public AudioPreprocessor(ExecuTorchModule module) {
    this.module = module;
    try {
      this.maxSamples = requireSignature(module);
      module.loadMethod(METHOD);
    } catch (RuntimeException e) {
      module.close();
      throw e;
    }
  }

  /**
   * Opens a program that computes on the calling thread.
   *
   * @param file the exported {@code .pte}
   * @throws ExecuTorchException if the file cannot be used
   * @throws InvalidModelException if it is another kind of program
   */
  public static AudioPreprocessor open(Path file) {
    try (Program program = Program.open(file, List.of(), LoadMode.MMAP)) {
      return new AudioPreprocessor(program.openModule(Threading.INLINE));
    }
  }

  /** Most samples at {@link #SAMPLE_RATE}. */
  public int maxSamples() {
    return maxSamples;
  }

  /**
   * Mixes the channels, resamples to {@link #SAMPLE_RATE} and runs the program.
   *
   * @param audio one sound of any rate and number of channels
   * @throws InvalidRequestException {@link Reason#AUDIO_TOO_LARGE} if the sound is longer than the
   *     program takes
   * @throws ExecuTorchException if the program fails
   */
  public Audio process(RawAudio audio) {
    requireLength((long) audio.nSamples() * SAMPLE_RATE / audio.sampleRate());
    float[] samples = Resampler.toMono(audio, SAMPLE_RATE).samples();
    requireLength(samples.length);
    Tensor input = Tensor.of(samples, samples.length);
    Tensor output = module.execute(METHOD, EValue.of(input)).get(0).toTensor();
    long[] shape = output.shape(); // [batch, bins, frames]
    float[] features = new float[output.elements()];
    output.floats().get(features);
    return Audio.ofFloats(features, (int) shape[0], (int) shape[1], (int) shape[2]);
  }

  @Override
  public void close() {
    module.close();
  }

  private void requireLength(long samples) {
    if (samples > maxSamples) {
      throw new InvalidRequestException(
          Reason.AUDIO_TOO_LARGE,
          "A sound of %.1f s is longer than the preprocessor takes, %.1f s. Cut it, or export the preprocessor with a larger max_audio_len"
              .formatted((double) samples / SAMPLE_RATE, (double) maxSamples / SAMPLE_RATE));
    }
  }

  private static int requireSignature(ExecuTorchModule module) {
    if (!module.methodNames().contains(METHOD)) {
      throw new InvalidModelException(
          "The program is no audio preprocessor: it has no method forward, only "
              + new TreeSet<>(module.methodNames()));
    }
    MethodMeta meta = module.methodMeta(METHOD);
    boolean fits =
        meta.inputs().size() == 1
            && isFloat(meta.inputs().get(0), 1)
            && meta.outputs().size() == 1
            && isFloat(meta.outputs().get(0), 3);
    if (!fits) {
      throw new InvalidModelException(
          "The program is no audio preprocessor: expected forward(f32[N]) -> f32[batch, bins,"
              + " frames], but it is "
              + meta.inputs()
              + " -> "
              + meta.outputs());
    }
    return (int) Math.min(Integer.MAX_VALUE, meta.inputs().get(0).sizes().get(0));
  }

  private static boolean isFloat(TensorMeta meta, int rank) {
    return meta.kind() == EValue.Kind.TENSOR
        && meta.rank() == rank
        && meta.type() == ScalarType.FLOAT;
  }
}
