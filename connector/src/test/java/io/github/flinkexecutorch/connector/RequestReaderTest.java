package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
  private static final String DEEP = "[".repeat(10_000) + "]".repeat(10_000);

  private final RequestReader reader = new RequestReader(new Configuration());

  @Test
  void shouldReadPromptIdAndOverrides() {
    InferenceRequest request =
        read(
            "{'id':'t1','prompt':'Grüße 👋','unknown':[1],'options':{'temperature':0.5,"
                + "'top_p':0.9,'top_k':3,'max_new_tokens':16,'seed':9007199254740993}}");

    assertThat(request.rejection()).isNull();
    assertThat(request.id()).isEqualTo("t1");
    assertThat(request.prompt()).isEqualTo("Grüße 👋");
    assertThat(request.overrides())
        .isEqualTo(new RequestOverrides(0.5f, 0.9f, 3, 16, 9007199254740993L));
  }

  @Test
  void shouldReadEveryOverride() {
    RequestOverrides overrides =
        readWithGrammars(
                "{'prompt':'x','options':{'stop':['a','b'],'stop_token_ids':[3,4],"
                    + "'presence_penalty':1,'frequency_penalty':-0.5,'repetition_penalty':1.5,"
                    + "'ignore_eos':true,'json_schema':{'type':'integer'}}}")
            .overrides();

    assertThat(overrides)
        .usingRecursiveComparison()
        .isEqualTo(
            new RequestOverrides(
                null,
                null,
                null,
                null,
                null,
                new String[] {"a", "b"},
                new int[] {3, 4},
                1f,
                -0.5f,
                1.5f,
                true,
                "{\"type\":\"integer\"}",
                "json_schema"));
    overrides = readWithGrammars("{'prompt':'x','options':{'stop':'a','regex':'b+'}}").overrides();
    assertThat(overrides.stop()).containsExactly("a");
    assertThat(overrides.grammar()).isEqualTo("b+");
    assertThat(overrides.grammarType()).isEqualTo("regex");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'regex':'(a+)+b'}", "{'json_schema':{'type':'integer'}}"})
  void shouldRefuseGrammarsOfRecordsUnlessTheyAreAllowed(String options) {
    Rejection rejection = read("{'prompt':'x','options':" + options + "}").rejection();

    assertThat(rejection.kind()).isEqualTo(FailureKind.INVALID_PARAMETER);
    assertThat(rejection.message())
        .contains("options.json_schema", "options.regex", "executorch.request.allow-grammars")
        .doesNotContain("a+");
  }

  @Test
  void shouldTakeThePromptOfAnImageForTheJobsOwn() {
    Configuration options =
        new Configuration()
            .set(ExecuTorchOptions.VALUE_FORMAT, ValueFormat.IMAGE)
            .set(ExecuTorchOptions.IMAGE_PROMPT, "What is it?");
    InferenceRequest request = new RequestReader(options).read(record(new byte[] {1}));

    assertThat(request.prompt()).isEqualTo("What is it?");
    assertThat(request.fields()).isEmpty();
  }

  @Test
  void shouldKnowWhatOfThePromptTheRecordBrought() {
    Configuration options =
        new Configuration().set(ExecuTorchOptions.PROMPT_TEMPLATE, "Q: {{q}}, {{n}}!");
    InferenceRequest request = new RequestReader(options).read(record(bytes("{'q':'why','n':12}")));

    assertThat(request.prompt()).isEqualTo("Q: why, 12!");
    assertThat(request.fields()).containsExactly(3, 6, 8, 10);
  }

  @Test
  void shouldReadMessagesWhereTheModelChats() {
    String json =
        "{'prompt':'x','messages':[{'role':'system','content':'s'},{'role':'user','content':"
            + "[{'type':'text','text':'a'},{'type':'image'},{'type':'text','text':'b'}]}]}";
    Configuration options = new Configuration().set(ExecuTorchOptions.CHAT, true);
    InferenceRequest request = new RequestReader(options).read(record(bytes(json)));

    assertThat(request.rejection()).isNull();
    assertThat(request.prompt()).isEmpty();
    assertThat(request.messages())
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(
            RequestMessage.of("system", "s"),
            new RequestMessage("user", new String[] {"a", null, "b"}));
    assertThat(new RequestReader(options).read(record(bytes("{'prompt':'x'}"))).prompt())
        .isEqualTo("x");
    assertThat(read(json).messages()).as("without a chat template").isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`'hi'`, MALFORMED, 'messages' must be a list",
        "`[]`, MALFORMED, 'messages' must be a list",
        "`['hi']`, MALFORMED, 'messages[0]' must be an object",
        "`[{'content':'a'}]`, MALFORMED, 'messages[0].role' must be a string",
        "`[{'role':' ','content':'a'}]`, MALFORMED, 'messages[0].role' must be a string",
        "`[{'role':'user'}]`, MALFORMED, 'messages[0].content' must be a string or a list",
        "`[{'role':'user','content':7}]`, MALFORMED, 'messages[0].content' must be a string or",
        "`[{'role':'user','content':[]}]`, MALFORMED, 'messages[0].content' must be a string or",
        "`[{'role':'user','content':'a','tool_calls':[]}]`, MALFORMED, `it knows [content, role]`",
        "`[{'role':'user','content':[{'type':'audio'}]}]`, MALFORMED, 'messages[0].content[0]'",
        "`[{'role':'user','content':[{'type':'text'}]}]`, MALFORMED, 'messages[0].content[0]'",
        "`[{'role':'user','content':' '}]`, EMPTY_PROMPT, Every message of the record is blank"
      })
  void shouldNameWhatIsWrongWithMessages(String messages, FailureKind kind, String named) {
    Configuration options = new Configuration().set(ExecuTorchOptions.CHAT, true);
    Rejection rejection =
        new RequestReader(options).read(record(bytes("{'messages':" + messages + "}"))).rejection();

    assertThat(rejection.kind()).isEqualTo(kind);
    assertThat(rejection.message()).contains(named);
  }

  @Test
  void shouldKeepTheSourceRecord() {
    RecordOrigin origin = record("{'prompt':'x'}".replace('\'', '"').getBytes(UTF_8));
    assertThat(reader.read(origin).origin()).isSameAs(origin);
    RecordOrigin broken = record(new byte[] {1});
    assertThat(reader.read(broken).origin()).isSameAs(broken);
  }

  @Test
  void shouldTakeIdFromPositionWhenRecordHasNone() {
    assertThat(read("{'prompt':'x'}").id()).isEqualTo("tickets-3-42");
    assertThat(read("{'prompt':'x','id':null}").id()).isEqualTo("tickets-3-42");
    assertThat(read("not JSON").id()).isEqualTo("tickets-3-42");
  }

  @Test
  void shouldKeepIdOfTheRecordWhenItsPromptIsMissing() {
    assertThat(read("{'id':7}").id()).isEqualTo("7");
  }

  @Test
  void shouldReadTheModelFromItsFieldAndFromNoOther() {
    RequestReader routing =
        new RequestReader(new Configuration().set(ExecuTorchOptions.MODEL_FIELD, "kind"));

    assertThat(routing.read(record(bytes("{'prompt':'x','kind':'small'}"))).model())
        .isEqualTo("small");
    assertThat(routing.read(record(bytes("{'prompt':'x','kind':null}"))).model()).isNull();
    assertThat(routing.read(record(bytes("{'prompt':'x'}"))).model()).isNull();
    assertThat(routing.read(record(bytes("{'prompt':'x','kind':1}"))).rejection().kind())
        .isEqualTo(FailureKind.MALFORMED);
    assertThat(read("{'prompt':'x','model':1,'kind':1}").model()).isNull();
  }

  @Test
  void shouldRejectRecordWithoutAnyNameForIt() {
    RecordOrigin nameless = RecordOrigin.ofValue("{\"prompt\":\"x\"}".getBytes(UTF_8));
    assertThat(reader.read(nameless).rejection().kind()).isEqualTo(FailureKind.MISSING_FIELD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "not JSON",
        "{'prompt':'x'",
        "{'prompt':'x'} {}",
        "{'prompt':'x',}",
        "{'prompt':'x','prompt':'y'}",
        "{'prompt':'x','options':{'seed':1,'seed':2}}",
        "[1]",
        "'text'",
        "7",
        "null",
        "{'prompt':NaN}",
        "{'prompt':'x','id':{}}",
        "{'prompt':'x','id':''}",
        "{'prompt':'x','id':1.5}"
      })
  void shouldRejectValueThatIsNotOneObject(String json) {
    assertThat(read(json).rejection().kind()).isEqualTo(FailureKind.MALFORMED);
  }

  @Test
  void shouldRejectBytesThatAreNotUtf8() {
    String json = "{\"prompt\":\"é\"}";
    byte[] overlong = {'{', '"', (byte) 0xC0, (byte) 0xAF, '"', ':', '1', '}'};
    assertRejected(json.getBytes(ISO_8859_1), FailureKind.MALFORMED);
    assertRejected(json.getBytes(UTF_16), FailureKind.MALFORMED);
    assertRejected(overlong, FailureKind.MALFORMED);
    assertRejected(null, FailureKind.MALFORMED);
  }

  @Test
  void shouldRejectWhatIsTooLargeOrTooDeep() {
    assertThat(read("{'prompt':'x','deep':" + DEEP + "}").rejection().kind())
        .isEqualTo(FailureKind.TOO_LARGE);
    assertThat(read("{'prompt':'" + "x".repeat(1 << 20) + "'}").rejection().kind())
        .isEqualTo(FailureKind.TOO_LARGE);
    assertThat(read("{'prompt':1" + "0".repeat(2000) + "}").rejection().kind())
        .isEqualTo(FailureKind.TOO_LARGE);
  }

  @Test
  void shouldNeverShowTheValueInARejection() {
    for (String json : new String[] {"secret", "{'secret':'secret'", "{'secret':1,'secret':2}"}) {
      assertThat(read(json).rejection().message()).doesNotContain("secret");
      assertThat(read(json).toString()).doesNotContain("secret");
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`{'temperature':'hot'}`, options.temperature",
        "`{'temperature':null}`, options.temperature",
        "`{'top_p':[1]}`, options.top_p",
        "`{'top_k':1.5}`, options.top_k",
        "`{'max_new_tokens':2147483648}`, options.max_new_tokens",
        "`{'seed':'abc'}`, options.seed",
        "`{'seed':9223372036854775808}`, options.seed",
        "`{'stop':[1]}`, options.stop",
        "`{'stop':{}}`, options.stop",
        "`{'stop_token_ids':7}`, options.stop_token_ids",
        "`{'stop_token_ids':['7']}`, options.stop_token_ids",
        "`{'presence_penalty':'1'}`, options.presence_penalty",
        "`{'frequency_penalty':[]}`, options.frequency_penalty",
        "`{'repetition_penalty':true}`, options.repetition_penalty",
        "`{'ignore_eos':1}`, options.ignore_eos",
        "`{'json_schema':'{}'}`, options.json_schema",
        "`{'regex':''}`, options.regex",
        "`{'regex':'a','json_schema':{}}`, options.regex",
        "`{'temprature':0}`, temperature",
        "`[]`, must be an object"
      })
  void shouldNameTheOverrideWhenItIsInvalid(String options, String named) {
    Rejection rejection = read("{'prompt':'x','options':" + options + "}").rejection();
    assertThat(rejection.kind()).isEqualTo(FailureKind.INVALID_PARAMETER);
    assertThat(rejection.message()).contains(named);
  }

  @Test
  void shouldNameTheOverrideThatIsUnknownUnlessItIsNoName() {
    assertThat(read("{'prompt':'x','options':{'tempo':1}}").rejection().message())
        .contains("unknown name 'tempo'; it knows [frequency_penalty");
    assertThat(read("{'prompt':'x','options':{'my secret 1234':1}}").rejection())
        .extracting(Rejection::message)
        .asString()
        .contains("unknown name of 14 characters; it knows");
  }

  @Test
  void shouldFollowItsOptions() {
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.ID_FIELD, "key");
    options.set(ExecuTorchOptions.PROMPT_TEMPLATE, "Q: {{q.text}}");
    options.set(ExecuTorchOptions.MAX_RECORD_DEPTH, 2);
    options.set(ExecuTorchOptions.MAX_RECORD_SIZE, new MemorySize(40));
    RequestReader custom = new RequestReader(options);

    InferenceRequest good = custom.read(record(bytes("{'key':'k','q':{'text':'why'}}")));
    assertThat(good.id()).isEqualTo("k");
    assertThat(good.prompt()).isEqualTo("Q: why");
    assertThat(custom.read(record(bytes("{'q':{'text':['x']}}"))).rejection().kind())
        .isEqualTo(FailureKind.TOO_LARGE);
    assertThat(custom.read(record(bytes("{'q':{'text':'" + "x".repeat(40) + "'}}"))).rejection())
        .extracting(Rejection::message)
        .asString()
        .contains("limit of 40", "executorch.request.max-size");
  }

  @Test
  void shouldRejectIdsKeysAndHeadersThatResultsHaveNoRoomFor() {
    String id = "x".repeat(1000);
    assertThat(read("{'id':'" + id + "','prompt':'x'}").id()).isEqualTo(id);
    assertThat(read("{'id':'" + id + "y','prompt':'x'}"))
        .satisfies(request -> assertThat(request.id()).isEqualTo(record(null).position()))
        .extracting(request -> request.rejection().kind())
        .isEqualTo(FailureKind.TOO_LARGE);
    RecordHeader header = new RecordHeader("h", new byte[1 << 15]);
    assertThat(rejectionOf(new byte[1 << 14], header)).isNull();
    assertThat(rejectionOf(new byte[1 << 15], header).kind()).isEqualTo(FailureKind.TOO_LARGE);
    RecordHeader[] empty =
        Collections.nCopies(7000, new RecordHeader("", null)).toArray(RecordHeader[]::new);
    assertThat(rejectionOf(null, empty).kind()).isEqualTo(FailureKind.TOO_LARGE);
  }

  private Rejection rejectionOf(byte[] key, RecordHeader... headers) {
    byte[] value = bytes("{'prompt':'x'}");
    return reader.read(new RecordOrigin("t", 0, 1, 2, key, value, headers)).rejection();
  }

  @Test
  void shouldRefuseBrokenTemplateBeforeTheJobStarts() {
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.PROMPT_TEMPLATE, "no field");
    assertThatThrownBy(() -> new RequestParser(options))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private InferenceRequest read(String json) {
    return reader.read(record(bytes(json)));
  }

  private static InferenceRequest readWithGrammars(String json) {
    Configuration options = new Configuration().set(ExecuTorchOptions.ALLOW_GRAMMARS, true);
    return new RequestReader(options).read(record(bytes(json)));
  }

  private void assertRejected(byte[] value, FailureKind kind) {
    assertThat(reader.read(record(value)).rejection().kind()).isEqualTo(kind);
  }

  private static byte[] bytes(String json) {
    return json.replace('\'', '"').getBytes(UTF_8);
  }

  private static RecordOrigin record(byte[] value) {
    return new RecordOrigin("tickets", 3, 42, 7, null, value, null);
  }
}
