#!/usr/bin/env python3
"""Writes sarai(1), on stdout, from what `sarai --experimental-dump-help` says of its commands, on stdin."""

import json
import sys
from collections.abc import Iterator
from typing import Any

Command = dict[str, Any]
Argument = dict[str, Any]

# What no command says of itself.
ENVIRONMENT = {
    "SARAI_HOST": "The daemon that commands talk to: HOST:PORT, http://HOST:PORT or unix:PATH.",
    "SARAI_CONFIG": "The configuration file, where --config names none.",
    "SARAI_HOME": "The folder of everything that Sarai has on this machine, instead of those below FILES.",
    "NO_COLOR": "No colours, if it is not empty.",
}
FILES = {
    "~/.config/sarai/sarai.yaml": "The configuration.",
    "~/.local/share/sarai": "The engine and the models.",
    "~/.local/state/sarai": "Logs of workers, and what was measured.",
    "$XDG_RUNTIME_DIR/sarai": "Sockets of workers.",
}


def escaped(text: str) -> str:
    """Text as troff takes it."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def paragraphs(text: str | None) -> Iterator[str]:
    """Paragraphs, if there are any."""
    for paragraph in (text or "").split("\n\n"):
        if paragraph.strip():
            yield ".PP"
            yield escaped(paragraph.strip())


def spelling(argument: Argument) -> str:
    """An option with its names and its value, or the value of an argument."""
    value = f"\\fI{escaped(argument['valueName'])}\\fR" if argument["kind"] != "flag" else ""
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument.get("names", [])]
    return " ".join(part for part in [", ".join(f"\\fB{escaped(name)}\\fR" for name in names), value] if part)


def usage(path: str, command: Command) -> str:
    """How a command is called."""
    words = [f"\\fB{escaped(path)}\\fR"]
    if command.get("subcommands"):
        words.append("\\fIcommand\\fR")
    arguments = shown(command)
    if any(argument["kind"] != "positional" for argument in arguments):
        words.append("[\\fIoptions\\fR]")
    for argument in arguments:
        if argument["kind"] == "positional":
            dots = " ..." if argument["isRepeating"] else ""
            words.append(f"[{spelling(argument)}{dots}]" if argument["isOptional"] else spelling(argument) + dots)
    return " ".join(words)


def shown(command: Command) -> list[Argument]:
    """The arguments that are for people, but for those that every command has."""
    hidden = {"help", "version"}
    return [
        argument
        for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and hidden.isdisjoint(name["name"] for name in argument.get("names", []))
    ]


def described(argument: Argument) -> str:
    """What an argument means, and what it may be."""
    text = " ".join(part for part in (argument.get("abstract"), argument.get("discussion")) if part)
    values = argument.get("allValues")
    if values and not all(value in text for value in values):
        text += f" One of {', '.join(values)}."
    if default := argument.get("defaultValue"):
        text += f" Default: {default}."
    return text.strip()


def section(path: str, command: Command) -> Iterator[str]:
    """A command and those below it."""
    name = f"{path} {command['commandName']}"
    yield f".SS {escaped(name)}"
    yield usage(name, command)
    yield from paragraphs(command.get("abstract"))
    yield from paragraphs(command.get("discussion"))
    for argument in shown(command):
        yield ".TP"
        yield spelling(argument)
        yield escaped(described(argument)) or "\\&"
    for subcommand in commands(command):
        yield from section(name, subcommand)


def commands(command: Command) -> list[Command]:
    """The commands below one, without the one that only explains them."""
    return [sub for sub in command.get("subcommands", []) if sub["commandName"] != "help"]


def definitions(terms: dict[str, str]) -> Iterator[str]:
    """Terms and what they mean."""
    for term, meaning in terms.items():
        yield ".TP"
        yield f"\\fB{escaped(term)}\\fR"
        yield escaped(meaning)


def page(root: Command, version: str) -> Iterator[str]:
    """The whole page."""
    name = root["commandName"]
    yield f'.TH {name.upper()} 1 "" "{name} {version}" "User Commands"'
    # No words broken in two, no spaces to fill lines: options and paths stay as they are typed.
    yield from (".nh", ".ad l", ".SH NAME")
    yield f"{name} \\- {escaped(root['abstract'].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield usage(name, root)
    yield ".SH DESCRIPTION"
    yield from paragraphs(root.get("discussion"))
    yield ".SH COMMANDS"
    for command in commands(root):
        yield from section(name, command)
    yield ".SH ENVIRONMENT"
    yield from definitions(ENVIRONMENT)
    yield ".SH FILES"
    yield from definitions(FILES)


def main() -> None:
    """Reads the description from stdin, and writes the page to stdout."""
    version = sys.argv[1] if len(sys.argv) > 1 else ""
    root = json.load(sys.stdin)["command"]
    print("\n".join(page(root, version)))


if __name__ == "__main__":
    main()
