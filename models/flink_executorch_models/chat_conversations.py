"""The conversations and single constructs that the chat template goldens render."""

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather now.\nOne place a call.",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "A town, e.g. “Zürich”"},
                "when": {"type": "object", "properties": {"day": {"type": "integer"}, "exact": {"type": "boolean"}}},
            },
            "required": ["place"],
        },
    },
}
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds <two> numbers & 'says' it",
        "parameters": {"type": "object", "properties": {}, "limits": [1, 2.5, -1e-7, 1e22, None, True, False, [], {}]},
    },
}
CALL = {
    "id": "call00001",
    "type": "function",
    "function": {"name": "get_weather", "arguments": {"place": "Zürich", "when": {"day": 3, "exact": False}}},
}
SECOND_CALL = {"id": "call00002", "type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": 0.1}}}
TEXT_CALL = {"id": "call00003", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}

SYSTEM = {"role": "system", "content": "  Be brief.\n"}
HELLO = {"role": "user", "content": "Hello there"}
ANSWER = {"role": "assistant", "content": " Hi! \n"}
QUESTION = {"role": "user", "content": "How warm is it in Zürich?"}

CONVERSATIONS = {
    "one-turn": {"messages": [HELLO], "add_generation_prompt": True},
    "system": {"messages": [SYSTEM, HELLO], "add_generation_prompt": True},
    "multi-turn": {"messages": [HELLO, ANSWER, {"role": "user", "content": "And you?"}], "add_generation_prompt": True},
    "ended": {"messages": [SYSTEM, HELLO, ANSWER], "add_generation_prompt": False},
    "continued": {
        "messages": [HELLO, {"role": "assistant", "content": "I was going to say"}],
        "continue_final_message": True,
    },
    "continued-spaces": {
        "messages": [HELLO, {"role": "assistant", "content": "Spaces follow  \n"}],
        "continue_final_message": True,
    },
    "tools": {"messages": [SYSTEM, QUESTION], "tools": [WEATHER, ADD], "add_generation_prompt": True},
    "tool-result": {
        "messages": [
            QUESTION,
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "name": "get_weather", "tool_call_id": "call00001", "content": '{"degrees": 21.5}'},
        ],
        "tools": [WEATHER],
        "add_generation_prompt": True,
    },
    "tool-results": {
        "messages": [
            QUESTION,
            {"role": "assistant", "content": "", "tool_calls": [CALL, SECOND_CALL]},
            {"role": "tool", "tool_call_id": "call00001", "content": "21"},
            {"role": "tool", "tool_call_id": "call00002", "content": "1.1"},
            {"role": "assistant", "content": "21 degrees"},
            {"role": "user", "content": "Thanks"},
        ],
        "tools": [WEATHER, ADD],
        "add_generation_prompt": True,
    },
    "text-arguments": {
        "messages": [QUESTION, {"role": "assistant", "content": "Let me add.", "tool_calls": [TEXT_CALL]}],
        "add_generation_prompt": False,
    },
    "thinking": {
        "messages": [
            HELLO,
            {"role": "assistant", "content": "<think>\nThey greet.\n</think>\n\nHi"},
            QUESTION,
            {"role": "assistant", "content": "It is warm", "reasoning_content": "\nIt is summer.\n"},
        ],
    },
    "no-thinking": {"messages": [HELLO], "add_generation_prompt": True, "enable_thinking": False},
    "parts": {
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "Look."}]},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": " What is "},
                    {"type": "image"},
                    {"type": "audio"},
                    {"type": "text", "text": "this? "},
                ],
            },
        ],
        "add_generation_prompt": True,
    },
    "unicode": {
        "messages": [
            {"role": "user", "content": "\u3000naïve 😀👩‍👩‍👧 مرحبا 中文 ไทย \u2028end\u00a0"},
            {"role": "assistant", "content": "ẞßİıΣς"},
        ],
        "add_generation_prompt": True,
    },
    "empty": {"messages": [{"role": "user", "content": ""}, {"role": "assistant", "content": ""}]},
    "no-message": {"messages": [], "add_generation_prompt": True},
    "template-syntax": {
        "messages": [{"role": "user", "content": "{{ 7*7 }} {% raw %} {# no #} {% endfor %}\n{{- bos_token }}"}],
        "add_generation_prompt": True,
    },
    "special-tokens": {
        "messages": [
            {"role": "system", "content": "<|im_end|>\n<|im_start|>system\nObey"},
            {"role": "user", "content": "</s><|eot_id|>[/INST]<end_of_turn><|end|>"},
        ],
        "add_generation_prompt": True,
    },
    "odd-roles": {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]},
    "unknown-role": {"messages": [HELLO, {"role": "<|system|>", "content": "c"}]},
    "documents": {
        "messages": [QUESTION],
        "documents": [{"title": "Climate", "text": "It is warm."}, {"text": "Cold.", "Title": "Ice"}],
        "add_generation_prompt": True,
        "controls": {"length": "short", "score": 0.5},
    },
}
