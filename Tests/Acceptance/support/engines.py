"""Engines that differ from the installed one."""

from pathlib import Path

from support.installation import Installation, data_folder


def engine_without_cache(installation: Installation) -> Path:
    """An engine that evaluates every prompt from its beginning.

    The installed one goes on from what it knows of the last prompt, so that the last bits of an answer depend on what
    was asked before. With this one they depend on the prompt alone.
    """
    binary = next((installation.home / "engine").glob("*/bin/llama-server"))
    wrapper = installation.home / "llama-server-without-cache"
    wrapper.write_text(f'#!/bin/sh\nexec "{binary}" "$@" --no-cache-prompt\n')
    wrapper.chmod(0o755)
    return wrapper


def rpc_server() -> Path:
    """llama.cpp's RPC server, which is installed with the engine."""
    return next((data_folder() / "engine").glob("*/bin/ggml-rpc-server"))
