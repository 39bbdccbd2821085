"""The description of the API is true: what it allows is answered as it says, and what it forbids is refused.

Every operation is called with requests that are made from the description, good and bad. The models are small enough to
answer all of them.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from support.daemon import Daemon
from support.installation import TINY_LLM, Installation
from support.planning import local

# Of what is asked for cannot be had, and says so.
HONEST = {501, 503}


@pytest.fixture(scope="module")
def described(installation: Installation) -> Iterator[Daemon]:
    """A daemon whose models are a copy: whatever a request does to them, it does to nobody else."""
    copy = shutil.copy(installation.home / TINY_LLM, installation.home / "described.gguf")
    models = {name: local(str(copy), 256) for name in ("text", "other")}
    with Daemon(installation, {"models": models}) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def document(described: Daemon) -> dict:
    """The description."""
    return described.http.get("/openapi.json").json()


@pytest.fixture(scope="module")
def api(described: Daemon, document: dict) -> BaseSchema:
    """The description, with names of models that there are besides one that there is not."""
    names = {"ModelName": {"type": "string", "enum": ["text", "other", "sarai:auto", "nobody"]}}
    components = document["components"]
    document = document | {"components": components | {"schemas": components["schemas"] | names}}
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=described.url)
    # One is a stream without an end, and one asks the internet.
    return schema.exclude(path=["/api/pool/events", "/api/pull"])


def is_not_broken(_: object, response: Response, __: schemathesis.Case) -> None:
    """Fails for an error that is the server's own fault."""
    assert response.status_code < 500 or response.status_code in HONEST, response.text


CHECKS = [
    is_not_broken,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def call(operation: APIOperation, mode: GenerationMode) -> None:
    """Calls an operation with requests that the description allows, or with such that it forbids."""

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(timeout=30, checks=CHECKS)

    with suppress(Unsatisfiable):  # where nothing can be wrong with a request
        send()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_requests_made_of_the_description(api: BaseSchema, mode: GenerationMode) -> None:
    problems: list[str] = []
    operations = [result.ok() for result in api.get_all_operations()]
    assert len(operations) > 30
    for operation in operations:
        try:
            call(operation, mode)
        except BaseExceptionGroup as group:
            problems += [f"{operation.label}: {error}" for error in group.exceptions]
        except Exception as error:
            problems.append(f"{operation.label}: {error}")
    assert not problems, "\n\n".join(problems)


def test_the_daemon_is_still_well(described: Daemon) -> None:
    assert described.is_healthy()
    assert " error " not in described.log()
    answer = described.post("/v1/completions", {"model": "text", "prompt": "x", "max_tokens": 2})
    assert answer.status_code == 200, answer.text


def test_the_document_is_well_formed(document: dict, api: BaseSchema) -> None:
    api.validate()
    assert document["openapi"] == "3.1.0"
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] for operation in operations)
    assert {operation["tags"][0] for operation in operations} == {"Ollama", "OpenAI", "Anthropic", "Sarai"}


def test_what_a_body_needs_is_told(document: dict) -> None:
    body = document["paths"]["/v1/messages"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["required"]) == {"model", "messages", "max_tokens"}
    assert body["additionalProperties"] is False
    counted = document["paths"]["/v1/messages/count_tokens"]["post"]["requestBody"]["content"]["application/json"]
    assert set(counted["schema"]["required"]) == {"model", "messages"}
