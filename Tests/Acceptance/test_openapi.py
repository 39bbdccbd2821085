"""The description of the API is true: what it allows is answered as it says, and what it forbids is refused.

Every operation is called with requests that are made from the description, good and bad. The models are small enough to
answer all of them.
"""

import shutil
from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.transport import Response
from schemathesis.schemas import BaseSchema
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
    document = document | {"components": {"schemas": document["components"]["schemas"] | names}}
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=described.url)
    # One is a stream without an end, and one asks the internet.
    return schema.exclude(path=["/api/pool/events", "/api/pull"])


schema = schemathesis.pytest.from_fixture("api")


def is_not_broken(_: object, response: Response, __: schemathesis.Case) -> None:
    """Fails for an error that is the server's own fault."""
    assert response.status_code < 500 or response.status_code in HONEST, response.text


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_requests_made_of_the_description(case: schemathesis.Case) -> None:
    case.call_and_validate(
        timeout=30,
        checks=[
            is_not_broken,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
            negative_data_rejection,
        ],
    )


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


def test_the_examples_of_the_clients_fit_it(document: dict) -> None:
    """What the clients of the other tests send is what the description allows."""
    body = document["paths"]["/v1/messages"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"model", "messages", "max_tokens"} == set(body["required"])
    assert body["additionalProperties"] is False


def test_it_is_served_to_programs(described: Daemon) -> None:
    answer = httpx.get(f"{described.url}/openapi.json")
    assert answer.headers["content-type"].startswith("application/json")
