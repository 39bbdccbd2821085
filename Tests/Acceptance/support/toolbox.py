"""Models that call tools, or think: what none of the quick start's does. All of them are on one daemon."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from support.daemon import Daemon
from support.installation import TINY_LLM, Installation
from support.planning import local
from support.upstream import Upstream, calls_tool, thinks

# A chat template with a place for tools.
TEMPLATE = Path(__file__).with_name("toolbox.jinja")

# A schema without free text: a model with random weights would write it for ever.
WEATHER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"enum": ["Lima", "Soria"], "type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
CLOCK_SCHEMA: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Tells the weather of a city.", "parameters": WEATHER_SCHEMA},
}
CLOCK = {
    "type": "function",
    "function": {"name": "clock", "description": "Tells the time.", "parameters": CLOCK_SCHEMA},
}


class Toolbox(Daemon):
    """A daemon with the models, and the servers behind it.

    - `handy` is run by the engine, and calls where it must. What it says else is noise.
    - `caller` and `thinker` are on a server with OpenAI's API, `far-caller` and `far-thinker` on one with Ollama's.
    """

    def __init__(self, installation: Installation, callers: Upstream, thinkers: Upstream):
        models: dict[str, Any] = {"handy": local(TINY_LLM, 2048, chat_template=str(TEMPLATE))}
        for name, upstream in (("caller", callers), ("thinker", thinkers)):
            server = {"model": "m", "servers": [upstream.url]}
            models[name] = server | {"backend": "openai_http"}
            models[f"far-{name}"] = server | {"backend": "ollama_http"}
        super().__init__(installation, {"models": models})
        self.callers = callers
        self.thinkers = thinkers


@contextmanager
def toolbox_of(installation: Installation) -> Iterator[Toolbox]:
    """Runs one."""
    with ExitStack() as stack:
        callers = stack.enter_context(Upstream(calls_tool))
        thinkers = stack.enter_context(Upstream(thinks))
        toolbox = stack.enter_context(Toolbox(installation, callers, thinkers))
        yield toolbox
