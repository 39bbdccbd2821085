"""Videos, for models that see: the engine has other programs take them apart."""

import base64
import shutil
import subprocess
from pathlib import Path

import httpx
import openai
import pytest
from support.asking import error_text
from support.daemon import Daemon
from support.installation import EXAMPLES, Installation
from support.waiting import TIMEOUT

NEEDED = ("ffmpeg", "ffprobe")
# What the daemon itself starts; ffmpeg is in none of these.
PROGRAMS = ("setpriv", "nice", "prlimit")
ENCODER = """
import sys, av, numpy
container = av.open(sys.argv[1], "w")
stream = container.add_stream("mpeg4", rate=4)
stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
for index in range(8):
    frame = av.VideoFrame.from_ndarray(numpy.full((48, 64, 3), 30 * index, numpy.uint8), format="rgb24")
    container.mux(stream.encode(frame))
container.mux(stream.encode())
container.close()
"""


@pytest.fixture(scope="module")
def video(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds that grow lighter, made by the library that Whisper's worker reads sounds with."""
    path = tmp_path_factory.mktemp("video") / "light.mp4"
    python = installation.home / "python/speech/bin/python"
    subprocess.run([python, "-c", ENCODER, path], check=True, timeout=TIMEOUT)
    return path


def watching(model: str, video: Path) -> dict:
    """The body of a question about a video."""
    url = "data:video/mp4;base64," + base64.b64encode(video.read_bytes()).decode()
    content = [{"type": "text", "text": "What happens?"}, {"type": "video_url", "video_url": {"url": url}}]
    return {"model": model, "messages": [{"role": "user", "content": content}], "max_tokens": 8}


def ask(daemon: Daemon, model: str, video: Path) -> httpx.Response:
    """Asks about a video."""
    return daemon.post("/v1/chat/completions", watching(model, video))


def test_a_video_is_looked_at_where_it_can_be(sarai: Daemon, openai_client: openai.OpenAI, video: Path) -> None:
    """With ffmpeg it is; without, the answer says what is missing. Machines have one or the other."""
    if all(shutil.which(name) for name in NEEDED):
        blind = openai_client.chat.completions.create(
            model="omni", messages=[{"role": "user", "content": "What happens?"}], max_tokens=8
        )
        seen = openai_client.chat.completions.create(**watching("omni", video))
        assert seen.choices[0].message.content
        assert seen.usage.prompt_tokens > blind.usage.prompt_tokens + 20, "its pictures are in the prompt"
        steps = ask(sarai, "sarai:see", video).json()["sarai"]["steps"]
        assert [(step["name"], step["outcome"]) for step in steps][1:] == [("seen", "done"), ("answer", "done")]
    else:
        assert "ffmpeg" in error_text(ask(sarai, "omni", video))


def test_without_ffmpeg_it_says_so(installation: Installation, video: Path, tmp_path: Path) -> None:
    for name in PROGRAMS:
        (tmp_path / name).symlink_to(shutil.which(name))
    with Daemon(installation, EXAMPLES / "quickstart.yaml", {"PATH": str(tmp_path)}) as daemon:
        answer = ask(daemon, "omni", video)
        assert answer.status_code == 400
        assert "a video needs ffmpeg and ffprobe on the daemon's PATH. Install ffmpeg" in error_text(answer)


def test_what_is_no_video_is_refused(sarai: Daemon, video: Path) -> None:
    body = watching("omni", video)
    for wrong in ("https://example.org/a.mp4", "data:video/mp4;base64,AAAA"):
        body["messages"][0]["content"][1]["video_url"]["url"] = wrong
        answer = sarai.post("/v1/chat/completions", body)
        assert answer.status_code == 400
        assert "video_url.url" in error_text(answer)
