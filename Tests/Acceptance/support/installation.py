"""The program under test and the files that it works with."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.waiting import TIMEOUT

REPOSITORY = Path(__file__).resolve().parents[3]
EXAMPLES = REPOSITORY / "examples"

# Paths of models, as a configuration writes them: they are found below SARAI_HOME.
SMOLLM2 = "models/SmolLM2-135M-Instruct-Q4_1.gguf"
E5_SMALL = "models/multilingual-e5-small-Q4_0.gguf"
TINY_LLM = "models/tiny-llm-Q8_0.gguf"
TINY_OMNI = "models/tiny-omni-Q8_0.gguf"
TINY_OMNI_PROJECTOR = "models/mmproj-tiny-omni-F16.gguf"
WHISPER = "models/whisper-base"


def data_folder() -> Path:
    """Where the engine and the models are, unless SARAI_HOME says otherwise: as the program itself looks."""
    data = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "sarai"
    return Path(os.environ.get("SARAI_HOME") or data).resolve()


class Installation:
    """A `sarai` program and a SARAI_HOME of the tests' own, which borrows engines and models from the real one.

    The folder is directly below /tmp because the path of a unix socket is limited to 107 bytes.
    """

    def __init__(self, binary: Path, data: Path):
        self.binary = binary
        self.home = Path(tempfile.mkdtemp(prefix="sarai-test-"))
        for name in ("engine", "models", "python"):
            if (data / name).exists():
                (self.home / name).symlink_to(data / name)

    @classmethod
    def of_environment(cls) -> "Installation":
        """What SARAI_BIN and SARAI_HOME name."""
        if not os.environ.get("SARAI_BIN"):
            raise SystemExit("SARAI_BIN is not set: it names the program to test, such as .build/debug/sarai")
        binary = Path(os.environ["SARAI_BIN"]).resolve()
        assert os.access(binary, os.X_OK), f"SARAI_BIN: {binary} is not a program"
        data = data_folder()
        for model in (SMOLLM2, E5_SMALL, TINY_LLM, TINY_OMNI, TINY_OMNI_PROJECTOR, WHISPER):
            assert (data / model).exists(), f"{data / model} is missing; scripts/setup-models.sh installs it"
        return cls(binary, data)

    def environment(self, variables: dict[str, str] | None = None) -> dict[str, str]:
        """A clean environment: nothing of the caller's own set-up, such as a .env or SARAI_LISTEN, gets in."""
        passed = ("PATH", "LANG", "LD_LIBRARY_PATH", "SARAI_LLAMA_SERVER", "LLVM_PROFILE_FILE")
        inherited = {name: os.environ[name] for name in passed if name in os.environ}
        # Several daemons share this machine, each with workers that count on having the cores to themselves.
        inherited["GOMP_SPINCOUNT"] = "1000"
        return inherited | {"HOME": str(self.home), "SARAI_HOME": str(self.home)} | (variables or {})

    def run(
        self, *arguments: str, variables: dict[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs the program to its end."""
        return subprocess.run(
            [self.binary, *arguments],
            cwd=self.home,
            env=self.environment(variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )

    def start(self, *arguments: str, variables: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Starts the program; whoever calls this ends it."""
        return subprocess.Popen(
            [self.binary, *arguments],
            cwd=self.home,
            env=self.environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def remove(self) -> None:
        """Removes what the tests made; the borrowed folders are links."""
        shutil.rmtree(self.home)
