"""A model that calls tools: SmolLM2 with a chat template that has a place for them."""

import json
from pathlib import Path
from typing import Any

from support.asking import user
from support.installation import SMOLLM2

TEMPLATE = Path(__file__).with_name("tools.jinja")

# As the configuration writes it.
CALLER = {
    "role": "small",
    "backend": "gguf_native",
    "gguf": SMOLLM2,
    "chat_template": str(TEMPLATE),
    "context_length": 2048,
}


def tool(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A function whose arguments are all required."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": name, "parameters": parameters}}


# The members are not in the order of the alphabet, so that it shows if somebody sorts them.
WEATHER = tool(
    "get_weather",
    {"zcity": {"type": "string", "maxLength": 16}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
)
TIME = tool("get_time", {"zone": {"type": "string", "enum": ["CET", "UTC"]}})
TOOLS = [WEATHER, TIME]

CASES = [("Rome", 3), ("Oslo", 2)]


def conversation(*, as_objects: bool = False) -> list[dict[str, Any]]:
    """A conversation in which the model has called the same tool again and again, and which waits for one more call.

    So small a model follows an example where it would not follow an instruction. Ollama's dialect has arguments as
    objects.
    """
    messages: list[dict[str, Any]] = []
    for number, (city, days) in enumerate(CASES):
        arguments: Any = {"zcity": city, "days": days}
        function = {"name": "get_weather", "arguments": arguments if as_objects else json.dumps(arguments)}
        call = {"function": function} if as_objects else {"id": f"c{number}", "type": "function", "function": function}
        question = user(f"Weather in {city} for {days} days?")
        messages += [*question, {"role": "assistant", "content": "", "tool_calls": [call]}]
    return messages + user("Weather in Paris for 5 days?")


def check_weather(name: str, arguments: dict[str, Any]) -> None:
    """Whether a call is one that the tool's schema allows, its members in the order of the schema."""
    assert name == "get_weather"
    assert list(arguments) == ["zcity", "days"]
    assert isinstance(arguments["zcity"], str)
    assert arguments["days"] in range(1, 10)
