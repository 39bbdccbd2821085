"""`sarai pull`: models arrive whole or not at all, whatever happens on the way."""

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.hub import Hub, digest, padded
from support.installation import TINY_LLM, TINY_OMNI, TINY_OMNI_PROJECTOR, Installation
from support.split_files import split
from support.waiting import wait_until

MIB = 1 << 20
Pull = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        yield hub


@pytest.fixture
def home() -> Iterator[Path]:
    """A SARAI_HOME of the test's own: pulls write into it."""
    path = Path(tempfile.mkdtemp(prefix="sarai-pull-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def variables(hub: Hub, home: Path) -> dict[str, str]:
    return {"SARAI_HOME": str(home), "HOME": str(home), "HF_ENDPOINT": hub.url}


@pytest.fixture
def sarai(installation: Installation, variables: dict[str, str]) -> Pull:
    """Runs a command in that SARAI_HOME."""
    return lambda *arguments, **more: installation.run(*map(str, arguments), variables=variables | more)


@pytest.fixture
def tiny(installation: Installation) -> Path:
    return (installation.home / TINY_LLM).resolve()


@pytest.fixture(scope="session")
def middle(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of 20 MB: five pieces."""
    return padded(installation.home / TINY_LLM, tmp_path_factory.mktemp("hub") / "middle.gguf", 20 * MIB)


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def started(result: subprocess.CompletedProcess[str]) -> int:
    """Where a pull that is told as JSON began."""
    return next(event["completed"] for event in events(result.stdout) if event["status"] == "started")


def refusal(result: subprocess.CompletedProcess[str], status: int = 1) -> str:
    assert (result.returncode, result.stdout) == (status, ""), result
    return result.stderr


def partials(home: Path) -> list[Path]:
    return sorted(home.rglob("*.partial*"))


# --- What goes well


def test_a_model_of_a_repository_arrives(sarai: Pull, hub: Hub, home: Path, tiny: Path) -> None:
    hub.add("ana/Tiny-GGUF", "tiny-Q4_K_M.gguf", tiny)
    hub.add("ana/Tiny-GGUF", "tiny-F32.gguf", tiny)
    result = sarai("pull", "hf.co/ana/Tiny-GGUF")
    assert result.returncode == 0, result.stderr
    path = home / "models/ana/Tiny-GGUF/tiny-Q4_K_M.gguf"
    assert path.read_bytes() == tiny.read_bytes()
    assert not partials(home)
    assert str(path) in result.stdout
    assert f"sha256:{digest(tiny)}" in result.stdout
    for line in ("  tiny:", "    gguf: models/ana/Tiny-GGUF/tiny-Q4_K_M.gguf", "    source: hf.co/ana/Tiny-GGUF"):
        assert line in result.stdout.splitlines()
    assert "of 2 models, Q4_K_M has the best balance" in result.stderr
    assert "\r" not in result.stderr, "bars are for terminals"
    # Once more: it is looked at, and not fetched.
    sent = hub.sent
    again = sarai("pull", "hf.co/ana/Tiny-GGUF", "--json")
    assert [event["status"] for event in events(again.stdout)][-2:] == ["present", "success"]
    assert hub.sent == sent


def test_what_is_printed_is_a_configuration_that_works(sarai: Pull, hub: Hub, home: Path, tiny: Path) -> None:
    hub.add("ana/Tiny-GGUF", "tiny-Q8_0.gguf", tiny)
    last = events(sarai("pull", "hf.co/ana/Tiny-GGUF:Q8_0", "--json").stdout)[-1]
    assert last["status"] == "success"
    assert last["files"] == [
        {"kind": "model", "path": f"{home}/models/ana/Tiny-GGUF/tiny-Q8_0.gguf", "sha256": digest(tiny)}
    ]
    (home / "sarai.yaml").write_text(last["configuration"])
    check = json.loads(sarai("config", "check", "--json").stdout)
    assert check["valid"]
    assert check["models"] == ["tiny"]
    assert check["missing_files"] == []
    plan = json.loads(sarai("plan", "--json").stdout)
    assert [model["name"] for model in plan["models"]] == ["tiny"]


def test_a_projector_comes_along(installation: Installation, sarai: Pull, hub: Hub, home: Path) -> None:
    model, projector = installation.home / TINY_OMNI, installation.home / TINY_OMNI_PROJECTOR
    hub.add("ana/omni", "omni-Q8_0.gguf", model)
    hub.add("ana/omni", "mmproj-omni-F16.gguf", projector)
    hub.add("ana/omni", "mmproj-omni-F32.gguf", projector)
    result = sarai("pull", "hf.co/ana/omni")
    assert result.returncode == 0, result.stderr
    assert (home / "models/ana/omni/mmproj-omni-F16.gguf").read_bytes() == projector.read_bytes()
    assert not (home / "models/ana/omni/mmproj-omni-F32.gguf").exists()
    assert "of 2 projectors" in result.stderr
    assert "    mmproj: models/ana/omni/mmproj-omni-F16.gguf" in result.stdout.splitlines()
    shutil.rmtree(home / "models")
    assert sarai("pull", "hf.co/ana/omni", "--no-mmproj", "--quiet").stdout.split() == [
        f"{home}/models/ana/omni/omni-Q8_0.gguf"
    ]
    assert not (home / "models/ana/omni/mmproj-omni-F16.gguf").exists()


def test_a_configured_model_goes_where_it_is_expected(
    installation: Installation, sarai: Pull, hub: Hub, home: Path
) -> None:
    hub.add("ana/omni", "omni-Q8_0.gguf", installation.home / TINY_OMNI)
    hub.add("ana/omni", "mmproj-omni-F16.gguf", installation.home / TINY_OMNI_PROJECTOR)
    (home / "sarai.yaml").write_text(
        "models:\n  eyes:\n    backend: gguf_native\n    gguf: models/e.gguf\n    mmproj: models/p.gguf\n"
        "    source: hf.co/ana/omni:Q8_0\n"
    )
    advice = "'sarai pull eyes' fetches it"
    for command in (["config", "check"], ["doctor"]):
        assert advice in sarai(*command).stdout
    listed = json.loads(sarai("models", "--json").stdout)["files"]
    assert [(file["state"], file["used_by"]) for file in listed] == [("missing", ["eyes"])] * 2
    planned = json.loads(sarai("plan", "eyes", "--json").stdout)
    assert hub.sent < (installation.home / TINY_OMNI_PROJECTOR).stat().st_size + 2 * MIB
    assert len(planned["files"]) == 2
    result = sarai("pull", "eyes")
    assert result.returncode == 0, result.stderr
    assert "add to the configuration" not in result.stdout
    assert (home / "models/e.gguf").read_bytes() == (installation.home / TINY_OMNI).read_bytes()
    assert (home / "models/p.gguf").read_bytes() == (installation.home / TINY_OMNI_PROJECTOR).read_bytes()
    assert advice not in sarai("config", "check").stdout
    assert sarai("plan").returncode == 0


def test_plain_addresses_and_checksums(sarai: Pull, hub: Hub, home: Path, tiny: Path) -> None:
    hub.add("ana/tiny", "plain.gguf", tiny, kept="hub")
    url = f"{hub.url}/kept/ana/tiny/plain.gguf?signature={hub.signature}"
    wrong = sarai("pull", url, "--sha256", "0" * 64)
    assert "sha256:" + "0" * 64 in refusal(wrong)
    assert not list(home.rglob("*.gguf*")), "nothing of what is not trusted stays"
    good = sarai("pull", url, "--sha256", digest(tiny))
    assert good.returncode == 0, good.stderr
    assert (home / "models/plain.gguf").read_bytes() == tiny.read_bytes()
    assert hub.signature not in good.stdout + good.stderr, "queries hold signatures"
    shutil.rmtree(home / "models")
    unchecked = sarai("pull", url)
    assert f"sha256:{digest(tiny)}, which nobody has told beforehand" in unchecked.stdout


def test_all_files_of_a_split_model(sarai: Pull, hub: Hub, home: Path, tiny: Path, tmp_path: Path) -> None:
    for part in split(tiny.read_bytes(), tmp_path):
        hub.add("ana/split", f"Q8_0/{part.name}", part)
    plan = json.loads(sarai("plan", "hf.co/ana/split", "--json").stdout)
    assert plan["files"][0]["size_bytes"] == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert sarai("pull", "hf.co/ana/split", "--quiet").returncode == 0
    for part in tmp_path.iterdir():
        assert (home / "models/ana/split/Q8_0" / part.name).read_bytes() == part.read_bytes()
    [listed] = json.loads(sarai("models", "--json").stdout)["files"]
    assert listed["size_bytes"] == plan["files"][0]["size_bytes"]
    assert sarai("rm", "--yes", listed["name"]).returncode == 0
    assert not list(home.rglob("*.gguf"))


def test_parts_come_at_the_same_time(sarai: Pull, hub: Hub, home: Path, middle: Path) -> None:
    hub.add("ana/middle", "m.gguf", middle)
    assert sarai("pull", "hf.co/ana/middle").returncode == 0
    parts = [seen.range for seen in hub.asked("cdn") if seen.range != "bytes=0-0"]
    assert sorted(parts) == sorted(f"bytes={n * 4 * MIB}-{(n + 1) * 4 * MIB - 1}" for n in range(5))
    assert len(hub.asked("hub", "/resolve/")) == 1, "where it is kept is asked once"


def test_a_bar_on_a_terminal(installation: Installation, hub: Hub, variables: dict[str, str], middle: Path) -> None:
    hub.add("ana/middle", "m.gguf", middle)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [installation.binary, "pull", "hf.co/ana/middle"],
        env=installation.environment(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while piece := os.read(ours, 1 << 16):
            shown += piece
    os.close(ours)
    assert process.wait(30) == 0, shown
    bars = [line.decode() for line in shown.split(b"\r") if b"[" in line and b"%" in line]
    assert any("m.gguf [" in bar and "of 20.0 MiB" not in bar and "20.0 MiB" in bar for bar in bars), shown
    assert all(len(bar.removeprefix("\x1b[K")) < 80 for bar in bars), "a bar is one line"


# --- What breaks


def test_ten_resets_and_a_kill(
    installation: Installation, hub: Hub, home: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    big = padded(installation.home / TINY_LLM, tmp_path / "big.gguf", 250 * MIB)
    hub.add("ana/big", "big-Q4_K_M.gguf", big)
    hub.faults = iter([("reset", (n % 4 + 1) * 3 * MIB // 2) for n in range(10)])
    hub.hold_after(200 * MIB)
    partial = home / "models/ana/big/big-Q4_K_M.gguf.partial"
    process = installation.start("pull", "hf.co/ana/big", "--json", variables=variables)
    try:
        journal = Path(f"{partial}.json")
        wait_until(hub.is_holding, "most of it was sent")
        held = time.time()
        # It is written every second.
        wait_until(lambda: journal.exists() and journal.stat().st_mtime > held + 1, "what has arrived is written down")
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not partial.with_suffix("").exists()
    [listed] = json.loads(installation.run("models", "--json", variables=variables).stdout)["files"]
    assert listed["state"] == "incomplete"
    # What was on its way when a connection was reset is lost.
    assert 120 * MIB < listed["completed_bytes"] <= 200 * MIB
    hub.release()
    result = installation.run("pull", "hf.co/ana/big", "--json", variables=variables)
    assert result.returncode == 0, result.stderr
    assert started(result) == listed["completed_bytes"]
    assert hub.faults_done == 10
    assert not partials(home)
    with partial.with_suffix("").open("rb") as arrived, big.open("rb") as original:
        while piece := original.read(8 * MIB):
            assert arrived.read(8 * MIB) == piece
        assert not arrived.read(1)
    # Nothing else was sent twice, but what the server was about to send to the process that was killed.
    assert hub.sent <= big.stat().st_size + 200 * MIB - listed["completed_bytes"] + MIB


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_signal_leaves_what_is_there(
    installation: Installation, sarai: Pull, hub: Hub, home: Path, variables: dict[str, str], middle: Path, number: int
) -> None:
    hub.add("ana/middle", "m.gguf", middle)
    hub.hold_after(9 * MIB)
    process = installation.start("pull", "hf.co/ana/middle", variables=variables)
    wait_until(hub.is_holding, "some of it is there")
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "What has arrived is kept: 'sarai pull hf.co/ana/middle' goes on from there." in output
    [journal] = home.rglob("*.partial.json")
    written = sum(json.loads(journal.read_text())["done"])
    hub.release()
    again = sarai("pull", "hf.co/ana/middle", "--json")
    assert started(again) == written > 0
    assert (home / "models/ana/middle/m.gguf").read_bytes() == middle.read_bytes()


def test_one_stream_where_there_are_no_parts(sarai: Pull, hub: Hub, home: Path, middle: Path) -> None:
    hub.add("ana/middle", "m.gguf", middle, ranges=False)
    hub.faults = iter([("reset", 1 << 40), ("reset", 5 * MIB), ("truncate", 7 * MIB)])
    result = sarai("pull", "hf.co/ana/middle")
    assert result.returncode == 0, result.stderr
    assert (home / "models/ana/middle/m.gguf").read_bytes() == middle.read_bytes()
    assert result.stderr.count("Trying again") == 2, (hub.requests, hub.faults_done)
    assert len(hub.asked("cdn")) == 4, "one to look, and three attempts"


def test_answers_that_end_early_and_servers_that_are_busy(sarai: Pull, hub: Hub, home: Path, middle: Path) -> None:
    hub.add("ana/middle", "m.gguf", middle)
    hub.faults = iter([("truncate", 2 * MIB), ("truncate", MIB), ("reset", 0)])
    hub.counts["busy"] = 2
    assert sarai("pull", "hf.co/ana/middle").returncode == 0
    assert hub.faults_done == 3
    assert (home / "models/ana/middle/m.gguf").read_bytes() == middle.read_bytes()


def test_a_file_that_changes_under_way_begins_anew(
    installation: Installation, hub: Hub, home: Path, variables: dict[str, str], middle: Path, tmp_path: Path
) -> None:
    file = hub.add("ana/middle", "m.gguf", middle, told_sha256="")
    # A hub that tells no checksum, so that only the tag can tell.
    url = f"{hub.url}/kept/ana/middle/m.gguf?signature={hub.signature}"
    hub.hold_after(3 * MIB)
    process = installation.start("pull", url, variables=variables)
    wait_until(hub.is_holding, "some of it is there")
    file.path = padded(installation.home / TINY_LLM, tmp_path / "new.gguf", 21 * MIB)
    file.etag = '"v2"'
    hub.release()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "the file changed on the server" in output
    assert (home / "models/m.gguf").read_bytes() == file.path.read_bytes()


def test_a_signature_that_runs_out_is_asked_for_again(
    installation: Installation, hub: Hub, home: Path, variables: dict[str, str], middle: Path
) -> None:
    hub.add("ana/middle", "m.gguf", middle)
    hub.hold_after(4 * MIB)
    process = installation.start("pull", "hf.co/ana/middle", variables=variables)
    wait_until(hub.is_holding, "some of it is there")
    hub.signature = "s2"
    hub.release()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert len(hub.asked("hub", "/resolve/")) >= 2
    assert (home / "models/ana/middle/m.gguf").read_bytes() == middle.read_bytes()


def test_two_at_the_same_time_do_not_write_the_same_file(
    installation: Installation, sarai: Pull, hub: Hub, home: Path, variables: dict[str, str], middle: Path
) -> None:
    hub.add("ana/middle", "m.gguf", middle)
    hub.hold_after(6 * MIB)
    process = installation.start("pull", "hf.co/ana/middle", variables=variables)
    wait_until(lambda: partials(home), "it began")
    second = sarai("pull", "hf.co/ana/middle", "--quiet")
    assert "another process is fetching this file" in refusal(second, status=69)
    hub.release()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert (home / "models/ana/middle/m.gguf").read_bytes() == middle.read_bytes()


# --- What is refused


def test_wrong_bytes_never_get_a_name(sarai: Pull, hub: Hub, home: Path, tiny: Path) -> None:
    hub.add("ana/tiny", "t.gguf", tiny, told_sha256="1" * 64)
    message = refusal(sarai("pull", "hf.co/ana/tiny", "--quiet"))
    assert f"what arrived has sha256:{digest(tiny)}" in message
    assert "sha256:" + "1" * 64 in message
    assert not list(home.rglob("*.gguf*"))


def test_something_else_than_a_model_is_removed(sarai: Pull, hub: Hub, home: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.gguf"
    page.write_text("<!doctype html>" + " " * 1000)
    hub.add("ana/page", "page.gguf", page)
    assert "is not a GGUF file" in refusal(sarai("pull", "hf.co/ana/page", "--quiet"))
    assert not list(home.rglob("*.gguf*"))


def test_tokens_go_to_the_hub_and_nowhere_else(sarai: Pull, hub: Hub, home: Path, tiny: Path) -> None:
    hub.add("ana/gated", "g.gguf", tiny, gated=True)
    message = refusal(sarai("pull", "hf.co/ana/gated", "--quiet"))
    assert "HF_TOKEN" in message
    assert "status 401" in message
    wrong = refusal(sarai("pull", "hf.co/ana/gated", "--quiet", HF_TOKEN="hf_other"))
    assert "hf_other" not in wrong
    assert "HF_TOKEN" in refusal(sarai("plan", "hf.co/ana/gated"))
    assert sarai("pull", "hf.co/ana/gated", HF_TOKEN=hub.token).returncode == 0
    assert {seen.authorization for seen in hub.asked("cdn")} == {None}
    assert f"Bearer {hub.token}" in {seen.authorization for seen in hub.asked("hub")}
    # From a file, which beats nothing else.
    shutil.rmtree(home / "models")
    (home / "token").write_text(f"{hub.token}\n")
    (home / "sarai.yaml").write_text(
        f"models: {{m: {{backend: gguf_native, gguf: m.gguf}}}}\nhub: {{token_file: {home}/token}}\n"
    )
    assert sarai("pull", "hf.co/ana/gated", "--quiet").returncode == 0
    assert hub.token not in sarai("config", "show").stdout


@pytest.mark.parametrize(
    ("reference", "status", "words"),
    [
        ("hf.co/ana/none", 1, "no such file (status 404)"),
        ("hf.co/ana/tiny:Q2_K", 1, "hf.co/ana/tiny:Q8_0"),
        ("hf.co/ana/tiny/other.gguf", 1, "There are:"),
        ("hf.co/ana/../tiny", 64, "ORG and REPO"),
        ("hf.co/ana/tiny/../../x.gguf", 64, "the file's path"),
        ("http://127.0.0.1:1/m.gguf", 64, "is not encrypted"),
        ("https://host/model", 64, "must end with the name of a GGUF file"),
        ("solar", 1, "no model 'solar' in the configuration"),
    ],
)
def test_what_cannot_be_asked_for(sarai: Pull, hub: Hub, tiny: Path, reference: str, status: int, words: str) -> None:
    hub.add("ana/tiny", "t-Q8_0.gguf", tiny)
    assert words in refusal(sarai("pull", reference, "--quiet"), status)


@pytest.mark.parametrize(
    ("kept", "words"), [("far", "neither encrypted nor on this machine"), ("loop", "more than 5 redirects")]
)
def test_redirects_that_are_not_followed(sarai: Pull, hub: Hub, home: Path, tiny: Path, kept: str, words: str) -> None:
    hub.add("ana/tiny", "t.gguf", tiny, kept=kept)
    assert words in sarai("pull", "hf.co/ana/tiny", "--quiet").stderr
    assert not list(home.rglob("t.gguf"))
    assert len(hub.asked("hub", "/resolve/")) <= 6


def test_names_from_the_hub_stay_below_the_folder(sarai: Pull, hub: Hub, home: Path, tiny: Path) -> None:
    for name in ("../../../evil.gguf", "/tmp/evil.gguf", ".hidden.gguf", "a/../../evil.gguf"):
        hub.add("ana/evil", name, tiny)
    assert "no GGUF file" in refusal(sarai("pull", "hf.co/ana/evil", "--quiet"))
    assert not list(home.rglob("*evil*"))


def test_another_file_of_the_name_is_kept_unless_told_otherwise(sarai: Pull, hub: Hub, home: Path, tiny: Path) -> None:
    hub.add("ana/tiny", "t.gguf", tiny)
    path = home / "models/ana/tiny/t.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    assert "--replace" in refusal(sarai("pull", "hf.co/ana/tiny", "--quiet"), 64)
    assert path.read_bytes() == b"mine"
    assert sarai("pull", "hf.co/ana/tiny", "--replace", "--quiet").returncode == 0
    assert path.read_bytes() == tiny.read_bytes()


def test_two_addresses_of_one_name_are_not_one_file(
    sarai: Pull, hub: Hub, home: Path, middle: Path, tiny: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.gguf"
    data = bytearray(middle.read_bytes())
    data[-1] ^= 1
    other.write_bytes(data)
    for owner, file in (("ana", middle), ("bob", other), ("eve", tiny)):
        hub.add(f"{owner}/m", "m.gguf", file, kept="hub")
    ana, bob, eve = (f"{hub.url}/kept/{owner}/m/m.gguf?signature={hub.signature}" for owner in ("ana", "bob", "eve"))
    path = home / "models/m.gguf"
    assert sarai("pull", ana, "--quiet").returncode == 0
    before = hub.sent
    assert '"present"' in sarai("pull", ana, "--json").stdout
    assert hub.sent - before < MIB, "a part of it tells"
    for another in (bob, eve):
        assert "there is another file of this name" in refusal(sarai("pull", another, "--quiet"), 64)
    assert path.read_bytes() == middle.read_bytes()
    hub.files["ana/m", "m.gguf"].ranges = False
    assert "the server does not tell whether it is the same" in refusal(sarai("pull", ana, "--quiet"), 64)
    assert sarai("pull", ana, "--sha256", digest(middle), "--quiet").returncode == 0
    assert sarai("pull", bob, "--replace", "--quiet").returncode == 0
    assert path.read_bytes() == other.read_bytes()


def test_a_disk_without_room_is_told_before_a_byte(
    sarai: Pull, hub: Hub, home: Path, tmp_path: Path, tiny: Path
) -> None:
    huge = tmp_path / "huge.gguf"
    huge.touch()
    os.truncate(huge, 1 << 43)  # a hole: takes no room itself
    file = hub.add("ana/huge", "huge-Q4_0.gguf", tiny)
    file.path = huge
    message = refusal(sarai("pull", "hf.co/ana/huge", "--quiet"))
    assert "8192 GiB are to be fetched" in message
    assert "make room for" in message
    assert hub.sent == 0
    assert not list(home.rglob("huge*"))


# --- Planning, listing, removing


def test_a_plan_before_a_byte_of_weights(
    installation: Installation, sarai: Pull, hub: Hub, home: Path, middle: Path
) -> None:
    hub.add("ana/middle", "m-Q4_0.gguf", middle)
    hub.add("ana/middle", "mmproj-m-F16.gguf", installation.home / TINY_OMNI_PROJECTOR)
    result = sarai("plan", "hf.co/ana/middle:Q4_0", "--json")
    assert result.returncode == 0, result.stderr
    plan = json.loads(result.stdout)
    assert [file["size_bytes"] for file in plan["files"]] == [
        middle.stat().st_size,
        (installation.home / TINY_OMNI_PROJECTOR).stat().st_size,
    ]
    assert plan["sarai"]["bytes"]["projector"] > 0
    assert hub.sent < 4 * MIB
    assert not (home / "models").exists()
    assert sarai("plan", "hf.co/ana/middle", "--gguf", "m.gguf").returncode == 64


def test_models_are_listed_and_removed(sarai: Pull, hub: Hub, home: Path, tiny: Path) -> None:
    assert "There are no models" in sarai("models").stdout
    for name in ("used", "free"):
        (home / "models").mkdir(exist_ok=True)
        shutil.copy(tiny, home / f"models/{name}.gguf")
    (home / "models/broken.gguf").write_bytes(b"GGUF")
    (home / "models/half.gguf.partial").write_bytes(b"GGUF")
    (home / "sarai.yaml").write_text("models: {tiny: {backend: gguf_native, gguf: models/used.gguf}}\n")
    listed = {file["name"]: file for file in json.loads(sarai("models", "--json").stdout)["files"]}
    assert {name: file["state"] for name, file in listed.items()} == {
        "used.gguf": "whole",
        "free.gguf": "whole",
        "broken.gguf": "broken",
        "half.gguf.partial": "incomplete",
    }
    assert listed["used.gguf"]["used_by"] == ["tiny"]
    assert listed["free.gguf"]["architecture"] == "llama"
    assert listed["free.gguf"]["quantization"] == "Q8_0"
    assert listed["free.gguf"]["context_length"] > 0
    table = sarai("models").stdout
    assert "incomplete, 0 %" in table
    assert sarai("models", "--quiet").stdout.split() == ["broken.gguf", "free.gguf", "half.gguf.partial", "used.gguf"]
    assert "used by tiny" in refusal(sarai("rm", "--yes", "used.gguf"), 64)
    assert "--yes" in refusal(sarai("rm", "free.gguf"), 64)
    for outside in ("../sarai.yaml", str(home / "sarai.yaml"), "none.gguf", "/etc/passwd"):
        assert "there is no model file" in refusal(sarai("rm", "--yes", "--force", outside))
    assert sarai("rm", "--yes", "free.gguf", "broken.gguf", "half.gguf.partial").returncode == 0
    assert sarai("rm", "--yes", "--force", "used.gguf").returncode == 0
    assert not list((home / "models").iterdir())
    assert (home / "sarai.yaml").exists()
