"""What could be asked for, from cheap to dear, and the site as it would be then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from preflight.files.site import Bmc, Hall, Host, Site, Tls
from preflight.kinds import delivered
from preflight.kinds.asks import bmc_thing, host_thing
from preflight.provable.ideal import State
from preflight.provable.means import Means
from preflight.provable.surroundings import place
from preflight.words import Owner

_NEW = "to-be-declared"
"""A hall that no site file has: its labels are what somebody would declare."""


@dataclass(frozen=True)
class Remedy:
    """One sort of thing to ask for, on every host that lacks it."""

    id: str
    owner: Owner
    text: str
    """One line; `{}` stands for the hosts."""
    lacking: Callable[[State, str], bool]
    """Whether a host lacks it."""
    grant: Callable[[State, list[str]], State]
    """The state in which these hosts have it."""

    def hosts(self, state: State) -> list[str]:
        """Those that lack it."""
        return [name for name in state.inputs.site.hosts if self.lacking(state, name)]

    def __call__(self, state: State) -> State:
        return self.grant(state, self.hosts(state))


def _host(state: State, name: str) -> Host:
    return state.inputs.site.hosts[name]


def _with_site(state: State, site: Site) -> State:
    return replace(state, inputs=state.inputs.model_copy(update={"site": site}))


def _with_hosts(state: State, names: list[str], change: Callable[[str, Host], Host]) -> State:
    site = state.inputs.site
    changed = {n: change(n, site.hosts[n]) for n in names}
    return _with_site(state, site.model_copy(update={"hosts": {**site.hosts, **changed}}))


def _declaring(state: State, names: list[str], fact: str) -> State:
    """The labels of these hosts, declared under `halls:`."""
    site = state.inputs.site
    labels = [label for n in names for label in _labels(site.hosts[n], fact)]
    new = {label: Hall() for label in labels} if fact == "hall" else {}
    if fact != "hall":
        kept = site.halls.get(_NEW, Hall())
        key = f"{fact}s"
        new = {_NEW: kept.model_copy(update={key: (*getattr(kept, key), *labels)})}
    return _with_site(state, site.model_copy(update={"halls": {**new, **site.halls, **new}}))


def _labels(host: Host, fact: str) -> tuple[str, ...]:
    return host.feeds if fact == "feed" else (getattr(host, fact),)


def _placed(fact: str) -> Callable[[State, list[str]], State]:
    def grant(state: State, names: list[str]) -> State:
        def label(name: str, host: Host) -> Host:
            own = place(state.inputs.site, name, fact) or _label(fact, name)
            return host.model_copy(update={fact: own})

        state = _with_hosts(state, names, label)
        return _declaring(state, names, fact)

    return grant


def _label(fact: str, name: str) -> str:
    """Of what nobody has named yet: a reason must not read as if somebody had."""
    return f"{_NEW}-{fact}-of-{name}"


def _fed(state: State, names: list[str]) -> State:
    def feed(name: str, host: Host) -> Host:
        return host.model_copy(update={"feeds": host.feeds or (_label("feed", name),)})

    return _declaring(_with_hosts(state, names, feed), names, "feed")


def _unplaced(fact: str) -> Callable[[State, str], bool]:
    def lacking(state: State, name: str) -> bool:
        return place(state.inputs.site, name, fact) not in state.declared(fact)

    return lacking


def _unfed(state: State, name: str) -> bool:
    feeds = _host(state, name).feeds
    return not feeds or not set(feeds) <= state.declared("feed")


def _undelivered(state: State, name: str) -> bool:
    return delivered.wanted(state.context, name) is None


def _delivered(state: State, names: list[str]) -> State:
    def number(name: str, host: Host) -> Host:
        return host.model_copy(update={"serial": f"serial number of {name}"})

    return _with_hosts(state, names, number)


def _pinned(thing: Callable[[str], str]) -> Callable[[State, list[str]], State]:
    def grant(state: State, names: list[str]) -> State:
        pinned = state.means.pinned | {thing(n) for n in names}
        return replace(state, means=replace(state.means, pinned=pinned))

    return grant


def _let_in(thing: Callable[[str], str]) -> Callable[[State, list[str]], State]:
    def grant(state: State, names: list[str]) -> State:
        return replace(state, means=_opened(state.means, [thing(n) for n in names]))

    return grant


def _opened(means: Means, things: list[str]) -> Means:
    return replace(means, accounts={**means.accounts, **dict.fromkeys(things, "")})


def _entry(of: str) -> Callable[[State, str], bool]:
    """The site file names a credential that we do not have."""

    def lacking(state: State, name: str) -> bool:
        return _closed(state, of, name) and _names_credential(state, of, name)

    return lacking


def _account(of: str) -> Callable[[State, str], bool]:
    def lacking(state: State, name: str) -> bool:
        return _closed(state, of, name) and not _names_credential(state, of, name)

    return lacking


def _closed(state: State, of: str, name: str) -> bool:
    there = of == "host" or _host(state, name).bmc is not None
    return there and f"{of}:{name}" not in state.means.accounts


def _names_credential(state: State, of: str, name: str) -> bool:
    host = _host(state, name)
    way = host.ssh if of == "host" else host.bmc
    return way is not None and way.credential is not None


def _unpinned_bmc(state: State, name: str) -> bool:
    bmc = _host(state, name).bmc
    by_tls = bmc is not None and bmc.protocol != "ipmi"
    return by_tls and bmc_thing(name) not in state.means.pinned


def _no_root(state: State, name: str) -> bool:
    root = state.means.accounts.get(host_thing(name)) == "root"
    return not (_host(state, name).ssh.sudo or root)


def _sudo(state: State, names: list[str]) -> State:
    def allow(_: str, host: Host) -> Host:
        return host.model_copy(update={"ssh": host.ssh.model_copy(update={"sudo": True})})

    return _with_hosts(state, names, allow)


def _no_bmc(state: State, name: str) -> bool:
    """What runs on another machine never has one."""
    host = _host(state, name)
    return host.bmc is None and not host.runs_on


def _with_bmc(state: State, names: list[str]) -> State:
    def bmc(name: str, host: Host) -> Host:
        new = Bmc(address=f"{name}.invalid", credential=_NEW, tls=Tls(sha256="0" * 64))
        return host.model_copy(update={"bmc": new})

    things = [bmc_thing(name) for name in names]
    means = _opened(state.means, things)
    means = replace(means, pinned=means.pinned | set(things))
    return replace(_with_hosts(state, names, bmc), means=means)


SUDO = Remedy(
    "sudo",
    Owner.CUSTOMER_IT,
    "the sudoers lines of `plan --access` on {}, and `sudo: true` under its ssh:",
    _no_root,
    _sudo,
)
REMEDIES = (
    Remedy("serial", Owner.VENDOR,
           "the serial number of {} from the delivery note, as serial: in the site file, or that"
           " note by --delivery", _undelivered, _delivered),
    Remedy("ssh-credential", Owner.ENGINEER,
           "an entry in your credentials file for the ssh login of {}", _entry("host"),
           _let_in(host_thing)),
    Remedy("bmc-credential", Owner.ENGINEER,
           "an entry in your credentials file for the BMC login of {}", _entry("bmc"),
           _let_in(bmc_thing)),
    Remedy("rack", Owner.FACILITY,
           "the label on the rack of {}: as rack:, and declared under halls:", _unplaced("rack"),
           _placed("rack")),
    Remedy("hall", Owner.FACILITY,
           "the hall of {}: as hall:, and declared under halls:", _unplaced("hall"),
           _placed("hall")),
    Remedy("feeds", Owner.FACILITY,
           "the power feeds of {}: as feeds:, and declared under halls:", _unfed, _fed),
    Remedy("host-key", Owner.CUSTOMER_IT,
           "read the SSH host key of {} to us (at the machine: ssh-keygen -l -f "
           "/etc/ssh/ssh_host_ed25519_key.pub), as ssh.host_key",
           lambda state, name: host_thing(name) not in state.means.pinned, _pinned(host_thing)),
    Remedy("certificate", Owner.CUSTOMER_IT,
           "the SHA-256 of the BMC certificate of {}, or the CA that signed it, as bmc.tls",
           _unpinned_bmc, _pinned(bmc_thing)),
    Remedy("ssh-account", Owner.CUSTOMER_IT,
           "an ssh account on {} as `plan --access` has it, named as ssh.user and ssh.credential",
           _account("host"), _let_in(host_thing)),
    Remedy("bmc-account", Owner.CUSTOMER_IT,
           "a ReadOnly account on the BMC of {}, named as bmc.credential", _account("bmc"),
           _let_in(bmc_thing)),
    SUDO,
    Remedy("bmc", Owner.CUSTOMER_IT,
           "the BMC of {}: its address, certificate and a ReadOnly account, as bmc:",
           _no_bmc, _with_bmc),
)  # fmt: skip
"""From cheap to dear: a word, a paper, a label, a telephone call, an account, a right, a device."""
