"""Where NetBox is, as `--url` says it. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import ValidationError

from preflight.errors import PreflightError
from preflight.files.site import Netbox
from preflight.text import one_line

HTTPS = 443
_URL = re.compile(r"https://(\[[0-9A-Fa-f:.]+\]|[^/:?#@\s\[\]]+)(?::([0-9]{1,5}))?(/[^?#\s]*)?")
_FORM = "write https://HOST, https://HOST:PORT or https://HOST/PATH"


class Where(NamedTuple):
    """A place on the network."""

    address: str
    port: int
    path: str
    """Without a slash at its end; empty at the root of the server."""

    def of(self, site: str, credential: str) -> Netbox:
        """As a site file says it.

        Raises:
            PreflightError: naming what cannot be.
        """
        try:
            return Netbox(
                address=self.address, port=self.port, path=self.path, site=site,
                credential=credential,
            )  # fmt: skip
        except ValidationError as error:
            wrong = ", ".join(str(problem["loc"][0]) for problem in error.errors())
            raise PreflightError(
                f"NetBox cannot be asked so: wrong {wrong}",
                help=f"{_FORM}; --site is the site's slug there, like lagos-ikeja",
            ) from None


def where(url: str) -> Where:
    """The address, port and path of a URL; a path to its API means NetBox itself.

    Raises:
        PreflightError: it is none, or not of https: the token would be readable on its way.
    """
    if url.casefold().startswith("http://"):
        raise PreflightError(
            "--url begins with http://: everybody on the way could read the token",
            help="write https://; where only its proxy speaks TLS, the address of that",
        )
    found = _URL.fullmatch(url.strip())
    if found is None:
        raise PreflightError(f"--url {one_line(url)!r} is no place of NetBox", help=_FORM)
    path = re.sub("/+", "/", found[3] or "").rstrip("/").removesuffix("/api")
    return Where(found[1].strip("[]"), int(found[2] or HTTPS), path)
