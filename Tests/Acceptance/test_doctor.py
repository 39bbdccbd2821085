"""What `sarai doctor` says of memory."""

import json
from pathlib import Path
from typing import Any

from support.installation import SMOLLM2, TINY_LLM, Installation


def answer(installation: Installation, status: int, *arguments: str) -> dict[str, Any]:
    """What a command says for programs."""
    result = installation.run(*arguments, "--json")
    assert (result.returncode, result.stderr) == (status, "")
    return json.loads(result.stdout)


def test_the_first_way_out_is_told(installation: Installation, tmp_path: Path) -> None:
    config = tmp_path / "sarai.yaml"
    models = {
        name: {"backend": "gguf_native", "gguf": gguf, "context_length": 1792}
        for name, gguf in (("lfm2", SMOLLM2), ("tiny", TINY_LLM))
    }
    for budget, fits in (("1GiB", True), ("150MiB", False)):
        config.write_text(json.dumps({"models": models, "memory": {"max_ram_gb": budget}}))
        plan = answer(installation, 0 if fits else 1, "plan", "--config", str(config))
        assert plan["fits"] is fits
        checks = answer(installation, 0 if fits else 1, "doctor", "--config", str(config))["checks"]
        [check] = [check for check in checks if check["name"] == "memory plan"]
        assert check["status"] == ("ok" if fits else "fail")
        if fits:
            # The figures are the plan's, from what the engine has told.
            left = f"{plan['headroom_bytes'] / 2**20:.0f} MiB left"
            assert left in check["message"]
        else:
            assert check["message"] == "\n".join(plan["messages"])
            assert check["advice"].startswith(f"{plan['ways_out'][0]['text']}. ")
