"""A real SearXNG server, where there is one: `SARAI_TEST_SEARXNG=http://HOST:PORT`. Its json format must be on."""

import os

import pytest
from support.asking import user
from support.daemon import Daemon
from support.installation import SMOLLM2, Installation

SERVER = os.environ.get("SARAI_TEST_SEARXNG")


@pytest.mark.skipif(not SERVER, reason="SARAI_TEST_SEARXNG names no SearXNG server")
@pytest.mark.parametrize("question", ["Who painted The Night Watch?", "¿Quién pintó La ronda de noche?"])
def test_a_real_server_is_understood(installation: Installation, question: str) -> None:
    expert = {"role": "expert", "backend": "gguf_native", "gguf": SMOLLM2, "context_length": 4096}
    with Daemon(installation, {"models": {"expert": expert}, "search": {"url": SERVER, "timeout": "20s"}}) as daemon:
        body = {"model": "sarai:search", "messages": user(question), "max_tokens": 60}
        answer = daemon.post("/v1/chat/completions", body).json()
        facts = answer["sarai"]["steps"][0]
        assert (facts["name"], facts["outcome"]) == ("facts", "done"), facts
        assert "\n[1] " in answer["choices"][0]["message"]["content"]
        assert "https://" in answer["choices"][0]["message"]["content"]
