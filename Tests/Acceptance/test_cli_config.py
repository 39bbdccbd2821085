"""The commands that need no daemon: plan, config, version."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.installation import EXAMPLES, TINY_LLM, Installation

QUICKSTART = str(EXAMPLES / "quickstart.yaml")
SERVER = {"OLLAMA_BASE_URL": "http://127.0.0.1:9"}


def write(installation: Installation, text: str) -> str:
    """Writes a configuration; returns its path."""
    path: Path = installation.home / "mine.yaml"
    path.write_text(text)
    return str(path)


def test_plan(installation: Installation) -> None:
    result = installation.run("plan", "--config", QUICKSTART, "--json", variables=SERVER)
    assert (result.returncode, result.stderr) == (0, "")
    plan = json.loads(result.stdout)
    assert plan["fits"] is True
    assert plan["budget_bytes"] == 4 << 30
    names = [model["name"] for model in plan["models"]]
    assert names == ["solar", "lfm2", "omni", "embedding", "whisper"]
    targets = [model["target"] for model in plan["models"]]
    assert targets == [f"{name}/gguf_native" for name in names[:4]] + ["whisper/whisper_native"]
    assert plan["total_bytes"] == sum(model["predicted_bytes"] for model in plan["models"])
    assert 90 << 20 < plan["models"][1]["predicted_bytes"] < plan["total_bytes"] < plan["budget_bytes"]
    table = installation.run("plan", "--config", QUICKSTART, variables=SERVER)
    assert table.returncode == 0
    assert "4.00 GiB" in table.stdout
    assert "Fits" in table.stdout


def test_plan_with_too_small_a_budget(installation: Installation) -> None:
    variables = SERVER | {"MAX_RAM_GB": "500MiB"}
    result = installation.run("plan", "--config", QUICKSTART, "--json", variables=variables)
    assert result.returncode == 1
    plan = json.loads(result.stdout)
    assert plan["fits"] is False
    assert plan["budget_bytes"] == 500 << 20
    assert plan["total_bytes"] > plan["budget_bytes"]
    ways = plan["ways_out"]
    assert ways
    sizes = {model["name"]: model["predicted_bytes"] for model in plan["models"]}
    missing = -plan["headroom_bytes"]
    for way in ways:
        assert way["suffices"] is (way["kind"] == "budget" or way["saves_bytes"] >= missing), way["text"]
    without = {way["changes"][0]["model"]: way for way in ways if way["kind"] == "without" and len(way["changes"]) == 1}
    assert all(way["saves_bytes"] == sizes[name] for name, way in without.items())
    larger = next(way for way in ways if way["kind"] == "budget")["changes"][0]
    assert larger["key"] == "memory.max_ram_gb"
    after = installation.run(
        "plan", "--config", QUICKSTART, "--json", variables=variables | {"MAX_RAM_GB": larger["value"]}
    )
    assert (after.returncode, json.loads(after.stdout)["fits"]) == (0, True)
    table = installation.run("plan", "--config", QUICKSTART, variables=variables)
    assert table.returncode == 1
    assert "does not fit" in table.stdout
    assert "500 MiB" in table.stdout
    assert f"max_ram_gb {larger['value']} would do" in table.stdout


def test_plan_explains_its_choices(installation: Installation) -> None:
    text = f"""
        models:
          a: {{backend: gguf_native, gguf: {TINY_LLM}, context_length: 4096, min_context_length: 1024, slots: 2}}
          b: {{backend: gguf_native, gguf: {TINY_LLM}, kv_types: [q8_0], load_mode: repacked, micro_batch: 256}}
        memory: {{max_ram_gb: 8}}
        """
    config = write(installation, text)

    def planned(*arguments: str, budget: str = "8") -> dict[str, Any]:
        result = installation.run("plan", "--config", config, "--json", *arguments, variables={"MAX_RAM_GB": budget})
        plan: dict[str, Any] = json.loads(result.stdout)
        assert result.returncode == (0 if plan["fits"] else 1)
        return plan

    roomy = planned()
    a, b = roomy["models"]
    assert (a["settings"]["context_length"], a["settings"]["slots"], a["load_mode"]) == (4096, 2, "mapped")
    assert (b["settings"]["cache_type"], b["settings"]["micro_batch"], b["load_mode"]) == ("q8_0", 256, "repacked")
    assert all(choice["as_wanted"] and choice["reason"] for choice in a["choices"] + b["choices"])
    assert {choice["key"] for choice in a["choices"]} == {
        "load_mode",
        "micro_batch",
        "kv_types",
        "slots",
        "context_length",
    }
    # One MiB less than everything takes: something is made smaller, and it fits.
    total = roomy["total_bytes"] + roomy["reserve_bytes"]
    tight = planned(budget=f"{total // 1024 - 1024}KiB")
    assert tight["fits"]
    assert tight["total_bytes"] < roomy["total_bytes"]
    changed = [choice for model in tight["models"] for choice in model["choices"] if not choice["as_wanted"]]
    assert changed
    assert all("does not fit" in choice["reason"] for choice in changed)
    scenarios = {scenario["name"]: scenario for scenario in roomy["scenarios"]}
    assert set(scenarios) == {"configured", "hybrid", "all-local", "engine-defaults"}
    assert scenarios["engine-defaults"]["total_bytes"] > 2 * (8 << 30)
    assert not scenarios["engine-defaults"]["fits"]
    engine = planned("--scenario", "engine-defaults")
    assert engine["total_bytes"] + engine["reserve_bytes"] == scenarios["engine-defaults"]["total_bytes"]


def test_plan_of_scenarios(installation: Installation) -> None:
    config = write(
        installation,
        f"""
        models:
          twin: {{backend: ollama_http, servers: ["http://127.0.0.1:9"], fallback: gguf_native, gguf: {TINY_LLM},
                 best_effort: true}}
          own: {{backend: gguf_native, gguf: {TINY_LLM}}}
        memory: {{max_ram_gb: 8}}
        """,
    )

    def placements(scenario: str) -> list[str]:
        result = installation.run("plan", "--config", config, "--json", "--scenario", scenario)
        return [model["placement"] for model in json.loads(result.stdout)["models"]]

    assert placements("configured") == ["resident", "resident"]
    assert placements("hybrid") == ["remote", "resident"]
    assert placements("all-local") == ["resident", "resident"]
    text = installation.run("plan", "--config", config, "--scenario", "hybrid", "--explain")
    assert text.returncode == 0
    assert "no speed measured for repacked" in text.stdout
    assert "as configured (models.own.slots)" in text.stdout
    assert max(map(len, text.stdout.splitlines())) <= 122
    assert installation.run("plan", "--config", config, "--scenario", "nonsense").returncode == 64


def test_plan_with_files_that_are_missing(installation: Installation) -> None:
    result = installation.run(
        "plan", "--config", write(installation, "models: {a: {backend: gguf_native, gguf: /no/such.gguf}}")
    )
    assert result.returncode == 1
    assert "/no/such.gguf" in result.stdout + result.stderr


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_is_valid(installation: Installation, example: Path) -> None:
    result = installation.run("config", "check", "--config", str(example), variables=SERVER)
    assert (result.returncode, result.stderr) == (0, "")
    assert "valid" in result.stdout


def test_missing_files_are_reported(tmp_path: Path, installation: Installation) -> None:
    # A SARAI_HOME without models, whatever is installed on this machine.
    variables = {"SARAI_HOME": str(tmp_path)}
    example = str(EXAMPLES / "laptop-16gb.yaml")
    result = installation.run("config", "check", "--config", example, variables=variables)
    assert result.returncode == 0
    for file in (
        "solar-10.7b-instruct-v1.0.Q4_K_M",
        "LFM2-1.2B-Q4_K_M",
        "Qwen2.5-Omni-7B-Q4_K_M",
        "embeddinggemma-300m-Q8_0",
    ):
        assert f"{tmp_path}/models/{file}.gguf" in result.stdout
    assert "models.omni.mmproj" in result.stdout


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("models:\n  a:\n    backend: gguf_native\n    gguff: x\n",
         ":4:5: models.a.gguff: unknown key. Did you mean 'gguf'?"),
        ("modells: {}\n", ":1:1: modells: unknown key. Did you mean 'models'?"),
        ("models: {a: {backend: gguf_native, gguf: x}}\nmemory: {max_ram_gb: lots}\n", ":2:22: memory.max_ram_gb: "),
        ("models: {a: {backend: carrier_pigeon}}\n", ":1:23: models.a.backend: "),
        ("models: {a: {backend: gguf_native, gguf: '${NOT_SET_ANYWHERE}'}}\n", "NOT_SET_ANYWHERE"),
        ("models: [\n", ":2:1: "),
        ("", "models"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(installation: Installation, text: str, problem: str) -> None:
    path = write(installation, text)
    for command in (["config", "check"], ["plan"], ["serve", "--listen", "127.0.0.1:0"]):
        result = installation.run(*command, "--config", path)
        assert result.returncode == 78
        assert path in result.stderr
        assert problem in result.stderr


def test_a_configuration_that_is_not_there(installation: Installation) -> None:
    result = installation.run("config", "check", "--config", "/no/such.yaml")
    assert result.returncode == 78
    assert "/no/such.yaml" in result.stderr


def test_show_tells_where_values_come_from(installation: Installation) -> None:
    folder = installation.home / "origins"
    folder.mkdir()
    (folder / ".env").write_text("MAX_CONCURRENT_LLMS=7\nSECRET=hush-hush\nMAX_RAM_GB=9\n")
    config = folder / "sarai.yaml"
    config.write_text(
        "models: {a: {backend: openai_http, model: m, servers: ['http://h:1'], api_key: '${SECRET}'}}\n"
        "memory: {max_ram_gb: 5}\n"
    )
    result = installation.run("config", "show", "--config", str(config), "--json", variables={"MAX_RAM_GB": "6GiB"})
    assert result.returncode == 0
    shown = {entry["key"]: entry for entry in json.loads(result.stdout)}
    assert "environment" in shown["memory.max_ram_gb"]["origin"], "it precedes .env, and that the file"
    assert "6" in shown["memory.max_ram_gb"]["value"]
    assert ".env" in shown["memory.max_concurrent_llms"]["origin"]
    assert shown["memory.max_concurrent_llms"]["value"] == "7"
    assert shown["models.a.model"]["origin"] == "sarai.yaml:1"
    assert shown["memory.strategy"]["origin"] == "default"
    assert "hush-hush" not in result.stdout, "secrets are masked"


def test_schema_knows_every_example(installation: Installation) -> None:
    result = installation.run("config", "schema")
    assert result.returncode == 0
    schema = json.loads(result.stdout)
    assert {"models", "memory"} <= schema["properties"].keys()
    assert schema["additionalProperties"] is False


def test_version(installation: Installation) -> None:
    told = json.loads(installation.run("version", "--json").stdout)
    assert told["sarai"] in installation.run("version").stdout
    assert told["engine"]["path"].endswith("llama-server")
    assert installation.run("--version").stdout.strip() == told["sarai"]


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["plan", "--frobnicate"], ["run"], ["ps", "--host", "::nonsense::"]], ids=" ".join
)
def test_wrong_usage(installation: Installation, arguments: list[str]) -> None:
    result = installation.run(*arguments)
    assert result.returncode == 64
    assert "Usage:" in result.stderr
    assert result.stdout == ""


def test_help_documents_exit_statuses(installation: Installation) -> None:
    text = installation.run("--help").stdout
    for status in ("0", "1", "64", "69", "78"):
        assert f"{status} " in text


def test_the_good_file_is_sound(installation: Installation) -> None:
    # The measure of all tests with files that are broken.
    config = write(installation, f"models: {{a: {{backend: gguf_native, gguf: {TINY_LLM}}}}}")
    assert installation.run("plan", "--config", config).returncode == 0
