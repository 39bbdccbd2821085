"""The web page's files as they come over HTTP: the right ones, to the right clients, with a strict policy."""

import json
import re
from typing import Any

import pytest
from support.asking import error_text
from support.daemon import Daemon
from support.installation import REPOSITORY, Installation

PAGE = REPOSITORY / "Sources/CSaraiWeb/Page"
FILES = sorted(path.name for path in PAGE.iterdir())
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize("accept", [BROWSER, "text/html", "application/json, TEXT/HTML ; q=0.5"])
def test_browsers_get_the_page(sarai: Daemon, accept: str) -> None:
    answer = sarai.http.get("/", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Vary"] == "Accept"
    assert answer.content == (PAGE / "index.html").read_bytes()


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/*", "text/html;q=0", "text/html; q=0.0, */*"])
def test_programs_get_what_ollama_says(sarai: Daemon, accept: str) -> None:
    answer = sarai.http.get("/", headers={"Accept": accept})
    assert (answer.status_code, answer.text) == (200, "Ollama is running")
    assert answer.headers["Vary"] == "Accept"
    assert sarai.http.head("/", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_in_the_program(sarai: Daemon, name: str) -> None:
    answer = sarai.http.get(f"/ui/{name}")
    assert answer.status_code == 200, answer.text
    assert answer.content == (PAGE / name).read_bytes()
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    assert answer.headers["Content-Type"].split(";")[0] == kinds[name.rsplit(".", 1)[1]]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    again = sarai.http.get(f"/ui/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fconfiguration.md", "%2e%2e/api", "index.html/x", ""])
def test_there_are_no_other_files(sarai: Daemon, name: str) -> None:
    answer = sarai.http.get(f"/ui/{name}")
    assert answer.status_code == 404
    assert error_text(answer)


def test_the_page_needs_nothing_from_elsewhere_and_has_no_code_inside() -> None:
    page = (PAGE / "index.html").read_text()
    assert not re.search(r"\son\w+\s*=|\sstyle\s*=|<style|javascript:", page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
    for name in FILES:
        text = (PAGE / name).read_text()
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text)) - {"http://www.w3.org"}
        assert not addresses, (name, addresses)
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text), (
            name
        )


def test_both_languages_say_the_same_things(sarai: Daemon) -> None:
    english, spanish = re.split(r"^  es: \{$", (PAGE / "words.js").read_text(), flags=re.MULTILINE)
    keys: list[dict[str, Any]] = []
    for half in (english, spanish):
        found = re.findall(r'^    "?([\w-]+)"?: (.*),$', half, re.MULTILINE)
        keys.append({key: sorted(set(re.findall(r"\{(\w+)\}", text))) for key, text in found})
    assert keys[0] == keys[1]
    assert len(keys[0]) > 100


@pytest.mark.parametrize("scenario", [None, "configured", "all-local", "hybrid", "engine-defaults"])
def test_the_plan_is_that_of_the_command(sarai: Daemon, installation: Installation, scenario: str | None) -> None:
    answer = sarai.http.get("/api/pool/plan", params={"scenario": scenario} if scenario else {})
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert plan["scenario"] == (scenario or "configured")
    assert plan["budget_bytes"] == 4 << 30
    assert {row["name"] for row in plan["scenarios"]} == {"configured", "all-local", "hybrid", "engine-defaults"}
    command = installation.run(
        "plan", "--json", "--config", str(sarai.config_path), *(["--scenario", scenario] if scenario else [])
    )
    told = json.loads(command.stdout)
    # What was measured since the daemon last saved its figures may differ; what is planned does not.
    assert plan.keys() == told.keys()
    assert plan["fits"] == told["fits"] == (scenario != "engine-defaults")
    assert [line(model) for model in plan["models"]] == [line(model) for model in told["models"]]
    assert plan["pipelines"] and [row["name"] for row in plan["pipelines"]] == [
        row["name"] for row in told["pipelines"]
    ]


def line(model: dict[str, Any]) -> dict[str, Any]:
    """What is planned for a model."""
    return {key: model.get(key) for key in ("name", "role", "target", "placement", "settings", "load_mode")}


def test_a_scenario_that_there_is_not(sarai: Daemon) -> None:
    answer = sarai.http.get("/api/pool/plan", params={"scenario": "best"})
    assert answer.status_code == 400
    assert "'best' is none of configured, hybrid, all-local, engine-defaults" in error_text(answer)
