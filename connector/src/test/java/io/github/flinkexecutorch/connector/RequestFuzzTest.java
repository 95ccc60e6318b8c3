package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.util.List;
import org.apache.flink.configuration.Configuration;

/** Any bytes as a record, and any text as a prompt template. */
class RequestFuzzTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Configuration OPTIONS =
      new Configuration()
          .set(ExecuTorchOptions.VALUE_FORMAT, ValueFormat.AUTO)
          .set(ExecuTorchOptions.ALLOW_GRAMMARS, true)
          .set(ExecuTorchOptions.IMAGE_PROMPT, "Describe it.");

  private static final Configuration CHAT =
      new Configuration(OPTIONS).set(ExecuTorchOptions.CHAT, true);

  private final RequestReader reader = new RequestReader(OPTIONS);
  private final RequestReader chats = new RequestReader(CHAT);
  private final GenerationSettings settings = GenerationSettings.from(OPTIONS);

  @FuzzTest
  void shouldMakeARequestOfAnyRecord(byte[] value) {
    RecordOrigin origin = new RecordOrigin("fuzz", 0, 1, -1, null, value, null);
    InferenceRequest request = reader.read(origin);

    assertThat(request.id()).isNotBlank();
    assertThat(chats.read(origin).id()).isNotBlank();
    assertThat(request.origin()).isSameAs(origin);
    if (request.rejection() != null) {
      assertThat(request.rejection().kind()).isNotEqualTo(FailureKind.FATAL);
      return;
    }
    try {
      assertThat(settings.requestFor(request).id()).isEqualTo(request.id());
    } catch (InvalidRequestException e) {
      assertThat(e.reason()).isNotNull(); // an override out of range, a blank prompt, an image
    }
  }

  /** The first line is the template, the rest the record. */
  @FuzzTest
  void shouldFillOrRefuseAnyTemplate(byte[] content) {
    List<String> parts = List.of(new String(content, UTF_8).split("\n", 2));
    JsonNode fields;
    try {
      fields = MAPPER.readTree(parts.get(parts.size() - 1));
    } catch (JsonProcessingException e) {
      return; // the reader of records has refused it before
    }
    try {
      PromptTemplate template = PromptTemplate.compile(parts.get(0));
      assertThat(template.fields()).isNotEmpty().noneMatch(String::isBlank);
      template.render(fields);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageStartingWith("Prompt template ");
    } catch (RejectedRecordException e) {
      assertThat(e.kind()).isIn(FailureKind.MISSING_FIELD, FailureKind.EMPTY_PROMPT);
    }
  }
}
