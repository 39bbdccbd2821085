"""What a daemon's metrics say, as Prometheus's own parsers read them."""

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.samples import Sample

from support.daemon import Daemon

OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The samples of one moment."""

    def __init__(self, daemon: Daemon, accept: str | None = None):
        answer = daemon.http.get("/metrics", headers={"Accept": accept} if accept else {})
        assert answer.status_code == 200, answer.text
        self.content_type = answer.headers["Content-Type"]
        self.text = answer.text
        read = openmetrics if self.content_type.startswith("application/openmetrics-text") else parser
        # The parsers raise if anything is not as the format wants it.
        self.families = list(read.text_string_to_metric_families(self.text))
        self.samples: list[Sample] = [sample for family in self.families for sample in family.samples]

    def all(self, name: str, **labels: str) -> list[Sample]:
        """The samples of a name, of those whose labels have these values."""
        return [sample for sample in self.samples if sample.name == name and labels.items() <= sample.labels.items()]

    def sum(self, name: str, **labels: str) -> float:
        """The sum of these samples; 0 without any."""
        return sum(sample.value for sample in self.all(name, **labels))

    def one(self, name: str, **labels: str) -> float:
        """The value of the only such sample."""
        [sample] = self.all(name, **labels)
        return sample.value

    def names(self) -> set[str]:
        """The names of all metrics, as the text format has them."""
        return {line.split(" ")[2] for line in self.text.splitlines() if line.startswith("# TYPE ")}
