"""What is looked at: the settings as far as they can be read, this machine, and the running bot if there is one."""

import os
import resource
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext
from time import time
from urllib.parse import urlsplit

from bot.doctor.questions import Questions
from bot.doctor.reading import Reading, as_read
from bot.services import Services
from bot.settings import BotSettings, Settings, StoneFaxSettings
from bot.slack import way_to_slack

MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True)
class Machine:
    """What is asked of the machine that the bot runs on."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    mounts: Path = MOUNTS
    descriptors: int = field(default_factory=lambda: resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    """How many files and connections a process may have open."""
    clock: Callable[[], float] = time


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the composition root has decided, times in seconds."""

    most_connections: int
    """To us, at once."""
    patience: float
    """After which an answer comes in two parts."""
    deadline: float
    """For any one question."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is to be examined; `services` are those of the bot that examines itself."""

    reading: Reading
    bounds: Bounds
    fax_id: str | None = None
    """Of somebody else's fax."""
    online: bool = False
    """Whether Slack is asked to judge our cards."""
    machine: Machine = field(default_factory=Machine)
    services: Services | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One examination under way."""

    setup: Setup
    questions: Questions
    trusting: dict[str, SSLContext] = field(default_factory=dict)
    """What the fax server is asked with, by its address: with another each time, no connection would be used again."""

    @property
    def settings(self) -> Settings:
        """Give the settings; where one is wrong, something stands in that no check looks at."""
        return self.setup.reading.settings

    @property
    def proxy_to_slack(self) -> str | None:
        """Give the proxy through which the bot asks Slack, and nobody else."""
        services = self.setup.services
        return services.slack.client.proxy if services else way_to_slack()

    @property
    def fax_url(self) -> str:
        """Give the fax server's address."""
        return self.settings[StoneFaxSettings].url

    @property
    def fax_host(self) -> str:
        """Give the fax server's name, or its IP address."""
        return urlsplit(self.fax_url).hostname or ""

    @property
    def fax_port(self) -> int:
        """Give the port at which the fax server is asked."""
        parts = urlsplit(self.fax_url)
        return parts.port or {"http": 80, "https": 443}[parts.scheme]

    @property
    def link_domains(self) -> tuple[str, ...]:
        """Give the hosts whose links to faxes are unfurled."""
        return self.settings[BotSettings].link_domains or (self.fax_host,)


def setup_of(services: Services, fax_id: str | None) -> Setup:
    """Give what the running bot examines when it examines itself: it would not run with settings that are wrong."""
    bounds = Bounds(services.most_connections, services.answers.patience, services.lookup.deadline)
    return Setup(as_read(services.settings), bounds, fax_id, services=services)
