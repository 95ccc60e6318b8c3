package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A job whose chat template runs wild on some conversations. */
class ChatTemplateFaultsITCase {
  private static final String TEMPLATE =
      """
      {% set said = messages[-1].content %}\
      {% if said == 'loop' %}\
      {% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}\
      {% elif said == 'write' %}{{ 'a' * 1000000000 }}\
      {% elif said == 'raise' %}{{ raise_exception('unheard of') }}\
      {% endif %}Ticket: {{ said }}
      JSON:""";

  private static final List<String> SAID =
      List.of("My kettle broke.", "loop", "write", "raise", "Where is my parcel?");

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  @TempDir private Path folder;

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldMakeDeadLettersOfTheseAndCompleteTheOthers() throws Exception {
    Path template = Files.writeString(folder.resolve("chat.jinja"), TEMPLATE);
    Configuration options =
        Tickets.batchedOptions().set(ExecuTorchOptions.CHAT_TEMPLATE, template.toString());
    List<RecordOrigin> records = new ArrayList<>();
    for (String said : SAID) {
      String json =
          "{\"id\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
              .formatted(said, said);
      records.add(Tickets.record(records.size(), json));
    }
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    InferenceStreams out = Tickets.inference(env, options, records);
    var completed = out.completions().collectAsync();
    var failed = out.failures().collectAsync();
    env.execute();
    List<Failure> failures = Pictures.all(failed);
    List<String> answered = Pictures.all(completed).stream().map(Completion::id).toList();
    List<String> refused = failures.stream().map(Failure::id).toList();

    FaultReport.row(19, "ChatTemplateFaultsITCase#shouldMakeDeadLettersOfTheseAndCompleteTheOthers")
        .records(SAID, answered, refused)
        .write();
    assertThat(refused).containsExactly("loop", "write", "raise");
    assertThat(failures).extracting(Failure::kind).containsOnly(FailureKind.TEMPLATE);
    assertThat(answered).containsExactly(SAID.get(0), SAID.get(4));
  }
}
