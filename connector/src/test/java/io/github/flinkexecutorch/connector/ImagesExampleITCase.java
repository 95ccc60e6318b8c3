package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/images.md. */
class ImagesExampleITCase {
  @RegisterExtension static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  @TempDir private static Path temporary;

  @Test
  void shouldDescribeImages() throws Exception {
    String preprocessor =
        Pictures.batchedOptions("smolvlm", 32, temporary).get(ExecuTorchOptions.IMAGE_PREPROCESSOR);
    String folder = Pictures.FOLDER.toString();
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    // README {
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.MODEL_PATH, "../sample-data/batched/smolvlm.pte");
    options.set(ExecuTorchOptions.TOKENIZER_PATH, "../sample-data/batched/tokenizer.json");
    options.set(ExecuTorchOptions.IMAGE_PREPROCESSOR, preprocessor);
    options.set(ExecuTorchOptions.IMAGE_ROOTS, List.of(folder));
    options.set(ExecuTorchOptions.MAX_NEW_TOKENS, 16);
    DataStream<InferenceRequest> requests =
        env.fromData("rgb.png", "420.jpg")
            .map(
                name ->
                    InferenceRequest.of(name, "<image>What is this?")
                        .withImages(RequestImage.ofReference(name)))
            .returns(InferenceRequest.class);
    InferenceStreams out =
        LlmInference.builder()
            .options(options)
            .build()
            .apply(new ImageReading(options).apply(requests));
    // }
    var completions = out.completions().collectAsync();
    env.execute();

    assertThat(Pictures.all(completions))
        .extracting(Completion::id)
        .containsExactly("rgb.png", "420.jpg");
  }
}
