"""Where everything of a demo site lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Files:
    """Paths inside a demo site's folder."""

    folder: Path

    @property
    def site(self) -> Path:
        """The site file; it follows the places of the machines."""
        return self.folder / "site.yaml"

    @property
    def booking(self) -> Path:
        return self.folder / "booking.yaml"

    @property
    def invitation(self) -> Path:
        """The trip as a calendar has it."""
        return self.folder / "booking.ics"

    @property
    def mail(self) -> Path:
        """What the customer is asked, ready to send."""
        return self.folder / "ask.eml"

    @property
    def customer(self) -> Path:
        """What the customer's machine is given, and what it writes."""
        return self.folder / "customer"

    @property
    def answered(self) -> Path:
        """Folder of the report with the customer's answers."""
        return self.folder / "answered"

    @property
    def profile(self) -> Path:
        return self.folder / "profile.yaml"

    @property
    def releases(self) -> Path:
        return self.folder / "releases.yaml"

    @property
    def before(self) -> Path:
        """Folder with the site file as found."""
        return self.folder / "before"

    @property
    def after(self) -> Path:
        """Folder with the repaired site file."""
        return self.folder / "after"

    @property
    def ca(self) -> Path:
        """The authority of the BMCs' certificates."""
        return self.folder / "bmc-ca.pem"

    @property
    def config(self) -> Path:
        """For XDG_CONFIG_HOME."""
        return self.folder / "config"

    @property
    def data(self) -> Path:
        """For XDG_DATA_HOME."""
        return self.folder / "data"

    @property
    def credentials(self) -> Path:
        return self.config / "preflight" / "credentials.yaml"

    @property
    def ssh_key(self) -> Path:
        """The only key that the machines let in."""
        return self.data / "preflight" / "logins" / "site-ssh"

    @property
    def bmc_password(self) -> Path:
        return self.data / "preflight" / "logins" / "site-bmc.password"

    @property
    def machines(self) -> Path:
        """Folder of the machines' own files."""
        return self.folder / "machines"

    def bmc_certificate(self, machine: str, signer: str) -> Path:
        """Key and certificate of this machine's BMC, by who signed it (`Machine.certificate`)."""
        return self.machines / f"{machine}-bmc" / f"{signer}.pem"

    def root(self, machine: str) -> Path:
        """What this machine's commands see as PREFLIGHT_ROOT."""
        return self.machines / machine
