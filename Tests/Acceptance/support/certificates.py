"""Certificates for servers of the tests' own."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """A certificate that vouches for itself, and its key."""

    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, name: str, alternatives: str = "IP:127.0.0.1,DNS:localhost") -> "Certificate":
        """Makes one for this machine; openssl comes with the machine's own authorities (Debian's ca-certificates)."""
        made = cls(folder / f"{name}.crt", folder / f"{name}.key")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={alternatives}", "-days", "3"]
        files = ["-keyout", made.key, "-out", made.certificate]
        subprocess.run(["openssl", "req", "-x509", *curve, *subject, *files], check=True, capture_output=True)
        made.key.chmod(0o600)
        return made

    def section(self) -> dict[str, str]:
        """The configuration's `server.tls`."""
        return {"certificate": str(self.certificate), "key": str(self.key)}
