"""The documentation: its links lead somewhere, what it quotes is really said, and its configurations are valid."""

import re
from functools import cache
from pathlib import Path

import pytest
from support.installation import REPOSITORY, Installation

PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
TROUBLES = REPOSITORY / "docs" / "troubleshooting.md"
QUOTED = re.findall(r"^`(.+)`$", TROUBLES.read_text(), re.MULTILINE)


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The places in a page that links can name, as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    words = [re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in words}


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether a relative link of a page names a file of the project, and a place in it."""
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.is_relative_to(REPOSITORY) or not file.exists():
        return False
    return not anchor or file.suffix != ".md" or anchor in anchors(file)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", target)]
    assert [target for target in targets if not leads_somewhere(page, target)] == []


def test_every_page_is_on_the_map() -> None:
    index = REPOSITORY / "docs" / "index.md"
    linked = {(index.parent / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)", index.read_text())}
    pages = {page.resolve() for page in (REPOSITORY / "docs").rglob("*.md")} - {index.resolve()}
    assert pages <= linked, sorted(str(page.relative_to(REPOSITORY)) for page in pages - linked)


@cache
def sources() -> list[str]:
    """The program's files, with texts that stand in several lines of code in one."""
    texts = []
    for file in sorted((REPOSITORY / "Sources").rglob("*.swift")):
        text = re.sub(r'"\s*\n?\s*\+ "', "", file.read_text())
        texts.append(re.sub(r"\\\n\s*", "", text))
    return texts


def test_there_is_enough_to_look_at() -> None:
    assert len(QUOTED) >= 35


@pytest.mark.parametrize("message", QUOTED)
def test_what_is_quoted_is_really_said(message: str) -> None:
    pieces = [piece.strip() for piece in message.split("…") if len(piece.strip()) > 2]
    assert pieces
    words = [piece.replace('"', '\\"') for piece in pieces]
    assert any(all(piece in text for piece in words) for text in sources()), f"no file says {pieces}"


def configurations(page: Path) -> list[str]:
    """The whole configurations that a page shows."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    return [block for block in blocks if re.search(r"^models:", block, re.MULTILINE)]


SHOWN = [
    pytest.param(text, id=f"{page.relative_to(REPOSITORY)} {number}")
    for page in PAGES
    for number, text in enumerate(configurations(page), 1)
]


@pytest.mark.parametrize("text", SHOWN)
def test_every_configuration_that_is_shown_is_valid(installation: Installation, tmp_path: Path, text: str) -> None:
    config = tmp_path / "sarai.yaml"
    config.write_text(text)
    # Their keys and addresses come from .env.
    names = set(re.findall(r"\$\{(\w+)\}", text))
    (tmp_path / ".env").write_text("".join(f"{name}=http://10.0.0.7:11434\n" for name in sorted(names)))
    # The one file that must be there beforehand.
    for secret in re.findall(r"token_file: ~/(\S+)", text):
        (installation.home / secret).parent.mkdir(parents=True, exist_ok=True)
        (installation.home / secret).write_text("hf_x\n")
    result = installation.run("config", "check", "--config", str(config))
    assert result.returncode == 0, result.stderr
    warnings = [line for line in result.stdout.splitlines() if "Warning" in line]
    assert all(".rpc: " in line for line in warnings), "only what has its warning beside it may be warned of"


def test_programs_that_pages_show_to_run_exist(installation: Installation) -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    commands = set(re.findall(r"(?:^|`|'|&& )sarai ([a-z]+)", text, re.MULTILINE))
    known = set(re.findall(r"^  ([a-z]+) ", installation.run("--help").stdout, re.MULTILINE))
    assert len(commands) >= 15
    assert commands <= known, sorted(commands - known)
    scripts = set(re.findall(r"scripts/([a-z-]+\.sh)", text))
    assert scripts <= {path.name for path in (REPOSITORY / "scripts").iterdir()}
    targets = set(re.findall(r"`?make ([a-z-]+)", prose(REPOSITORY / "README.md")))
    assert targets <= set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))


def test_every_line_about_a_client_names_its_test() -> None:
    text = (REPOSITORY / "docs" / "clients.md").read_text()
    rows = [row for row in text.splitlines() if row.startswith("| ") and "(`test_" not in row]
    assert len(rows) > 50
    written = "".join(path.read_text() for path in (REPOSITORY / "Tests" / "Acceptance").glob("test_*.py"))
    for row in rows:
        tests = re.findall(r"`(test_\w+)(\.py)?`", row.rpartition("|")[0].rpartition("|")[2])
        assert tests, row
        for name, is_file in tests:
            exists = (
                (REPOSITORY / "Tests" / "Acceptance" / f"{name}.py").exists() if is_file else f"def {name}(" in written
            )
            assert exists, name
