"""All BMCs: one nginx, a TLS server with its own Redfish tree per machine."""

from __future__ import annotations

import json
import socket
import subprocess
from enum import Enum
from pathlib import Path

from tests.lab.world import redfish
from tests.lab.world.anchor import Anchor
from tests.lab.world.certs import Authority
from tests.lab.world.truth import GATE, Truth
from tests.lab.world.wires import OOB

USER, PASSWORD = "preflight", "bmc staple 24"
_TOKEN = "7d0c0a5be1f34d2f9b2f"


class Face(str, Enum):
    """How a BMC behaves."""

    HONEST = "honest"
    HTML = "html"
    """A web page with status 200, whatever is asked: a captive portal, a firmware's start page."""
    HANGING = "hanging"
    """Takes the connection, the handshake and the request, and never answers."""
    EXPIRED = "expired"
    """As honest, but its certificate ran out yesterday."""


class Bmcs:
    """The BMCs of one lab; faces change with a restart, trees while it runs."""

    def __init__(self, anchor: Anchor, folder: Path, authority: Authority) -> None:
        self._anchor = anchor
        self._folder = folder
        self._authority = authority
        self._process: subprocess.Popen[bytes] | None = None
        self._faces: dict[str, Face] = {}
        self._shown: tuple[object, ...] = ()
        (folder / "htpasswd").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        self._silent = socket.socket(socket.AF_UNIX)
        self._silent.bind(str(folder / "silent"))
        self._silent.listen(64)

    def show(self, truth: Truth, faces: dict[str, Face]) -> None:
        """Every BMC tells this truth, with this face (by machine; honest where not named)."""
        for name, machine in truth.machines.items():
            redfish.write(self._folder / name, redfish.tree(machine))
        addresses = tuple((name, truth.bmcs_of(name)) for name in truth.machines)
        wanted = (addresses, tuple(sorted(faces.items())))
        if wanted != self._shown:
            self._stop()
            self._faces = dict(faces)
            self._start(truth)
            self._shown = wanted

    def certificate(self, machine: str) -> Path:
        """The certificate that this machine's honest BMC shows."""
        return self._folder / f"{machine}.pem"

    def put(self, machine: str, path: str, body: bytes) -> None:
        """Exactly these bytes as one resource, until the truth is shown anew."""
        redfish.put(self._folder / machine, path, body)

    def asked(self) -> list[dict[str, str]]:
        """Every request so far: `to` (address), `method`, `path`, `status`, `user`."""
        log = self._folder / "access.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def log(self) -> Path:
        """nginx's own complaints."""
        return self._folder / "error.log"

    def alive(self) -> bool:
        """Whether nginx runs."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """Closes what the lab's own process holds."""
        self._silent.close()

    def _stop(self) -> None:
        if self._process is not None and self.alive():
            self._anchor.kill("KILL", (self._folder / "pid").read_text().strip())
            self._process.wait()

    def _start(self, truth: Truth) -> None:
        for old in ("pid", "login"):
            (self._folder / old).unlink(missing_ok=True)
        everywhere = sorted({host.bmc for host in truth.hosts})
        servers = ""
        for name in truth.machines:
            face = self._faces.get(name, Face.HONEST)
            certificate = self._certificate_for(name, face, everywhere)
            for address in truth.bmcs_of(name):
                servers += self._server(address, name, face, certificate)
        config = self._folder / "nginx.conf"
        config.write_text(self._config(servers))
        command = ["nginx", "-e", str(self.log), "-c", str(config)]
        self._process = self._anchor.spawn(command, OOB, self._folder / "nginx.out")

    def _certificate_for(self, name: str, face: Face, addresses: list[str]) -> Path:
        expired = face is Face.EXPIRED
        file = f"{name}-expired" if expired else name
        pem = self._folder / f"{file}.pem"
        return pem if pem.exists() else self._authority.issue(file, addresses, expired=expired)

    def _server(self, address: str, name: str, face: Face, certificate: Path) -> str:
        body = {Face.HTML: self._html, Face.HANGING: self._hanging}.get(face, self._honest)()
        return f"""
server {{
  listen {address}:443 ssl;
  ssl_certificate {certificate};
  ssl_certificate_key {certificate.with_suffix(".key")};
  root {self._folder / name};
  {body}
}}
"""

    @staticmethod
    def _html() -> str:
        return "location / { default_type text/html; return 200 '<html><h1>Welcome</h1></html>'; }"

    def _hanging(self) -> str:
        return f"location / {{ proxy_pass http://unix:{self._folder / 'silent'}; }}"

    def _honest(self) -> str:
        """Basic auth, or a session (DSP0266 13.3.4) whose body holds the right name and word.

        nginx reads a request's body only to pass it on, so a login goes through an inner server
        that sees it as a header."""
        auth = f"auth_basic $realm; auth_basic_user_file {self._folder / 'htpasswd'};"
        one = "/redfish/v1/SessionService/Sessions/1"
        return f"""
  add_header OData-Version 4.0 always;
  error_page 401 = @refused;
  error_page 404 = @missing;
  location = /redfish {{ return 200 '{{"v1": "/redfish/v1/"}}'; }}
  location ~ ^/redfish/v1/?$ {{ rewrite ^ /redfish/v1/index.json break; }}
  location = /redfish/v1/SessionService/Sessions {{
    proxy_set_header X-Body $request_body;
    proxy_pass http://unix:{self._folder / "login"}:;
  }}
  location = {one} {{
    if ($http_x_auth_token != {_TOKEN}) {{ return 401; }}
    if ($request_method = DELETE) {{ return 204; }}
    return 200 '{{"@odata.id": "{one}", "Id": "1"}}';
  }}
  location /redfish/v1/ {{ {auth} rewrite ^(.*?)/?$ $1/index.json break; }}
  location @refused {{
    add_header WWW-Authenticate 'Basic realm="Redfish"' always;
    return 401 '{{"error": {{"code": "Base.1.8.NoValidSession"}}}}';
  }}
  location @missing {{ return 404 '{{"error": {{"code": "Base.1.8.ResourceMissingAtURI"}}}}'; }}
"""

    def _config(self, servers: str) -> str:
        base, one = self._folder, "/redfish/v1/SessionService/Sessions/1"
        temporary = " ".join(
            f"{kind}_temp_path {base}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        fields = {"to": "server_addr", "method": "request_method", "path": "request_uri"}
        fields |= {"status": "status", "user": "remote_user"}
        line = ", ".join(f'"{key}": "${value}"' for key, value in fields.items())
        return f"""
daemon off; master_process off; pid {base}/pid;
events {{ }}
http {{
  default_type application/json; open_file_cache off; {temporary}
  log_format asked escape=json '{{{line}}}';
  access_log {base}/access.log asked;
  map $http_x_auth_token $realm {{ default "Redfish"; "{_TOKEN}" off; }}
  map $http_x_body $named {{ default 0; '~"UserName": ?"{USER}"' 1; }}
  map $http_x_body $known {{ default 0; '~"Password": ?"{PASSWORD}"' $named; }}
  server {{
    listen unix:{base}/login;
    access_log off;
    add_header X-Auth-Token {_TOKEN};
    add_header Location {one};
    location / {{
      if ($known = 0) {{ return 401; }}
      return 201 '{{"@odata.id": "{one}", "Id": "1"}}';
    }}
  }}
  server {{ listen {GATE}:443; return 204; }}
  {servers}
}}
"""
