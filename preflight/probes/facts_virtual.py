"""`virtual`: is the host a virtual machine or a container? Pure.

systemd-detect-virt(1) decides where it is there: exit 0 says that it found something, any other
with the word `none` that it did not. Else what firmware, processor and hypervisor say.
"""

from __future__ import annotations

from collections.abc import Mapping

from preflight.evidence import Virtual
from preflight.junk import real
from preflight.probes.facts_frames import Frame
from preflight.probes.facts_lines import clean, rows

_NONE = "none"
_MADE_OF_SOFTWARE = {
    "qemu": "qemu", "kvm": "kvm", "vmware": "vmware", "virtualbox": "oracle", "innotek": "oracle",
    "xen": "xen", "hvm domu": "xen", "bochs": "bochs", "parallels": "parallels", "bhyve": "bhyve",
    "openstack": "kvm", "kubevirt": "kvm", "rhev": "kvm", "ovirt": "kvm", "droplet": "kvm",
    "google compute engine": "google", "apple virtualization": "apple",
    "virtual machine": "microsoft",
}  # fmt: skip
"""In what the firmware names as vendor or product -> the word of systemd-detect-virt(1). Vendors
who put their names on real machines too are not among them."""


def virtual(frame: Frame) -> Virtual:
    """Null where nothing tells for sure."""
    said: dict[str, str] = {}
    for word, values in rows(frame.data):
        said.setdefault(word, " ".join(values))
    return _detected(said) or _shown(said)


def _detected(said: Mapping[str, str]) -> Virtual | None:
    """A container counts before the machine that it is in: the inner of the two is the host."""
    for sort in ("container", "vm"):
        code, _, word = said.get(f"detected-{sort}", "").partition(" ")
        if code == "0" and real(word):
            return Virtual(virtual=True, technology=clean(word))
    told = [said.get(f"detected-{sort}", "").partition(" ") for sort in ("container", "vm")]
    sure = all(code not in {"", "0"} and word.strip() == _NONE for code, _, word in told)
    return Virtual(virtual=False) if sure else None


def _shown(said: Mapping[str, str]) -> Virtual:
    """A hypervisor may hide, but no machine without one shows the flag; a processor that knows no
    such flag tells nothing. Xen shows its own first domain, which is the machine itself."""
    container = real(said.get("container") or said.get("container-manager"))
    if container:
        return Virtual(virtual=True, technology=clean(container))
    made = f"{said.get('sys_vendor', '')} {said.get('product_name', '')}".casefold()
    technology = next((word for name, word in _MADE_OF_SOFTWARE.items() if name in made), None)
    if technology:
        return Virtual(virtual=True, technology=technology)
    if "control_d" in said.get("capabilities", ""):
        return Virtual(virtual=False)
    if real(said.get("type")):
        return Virtual()
    flag = {"yes": True, "no": False}.get(said.get("hypervisor-flag", ""))
    return Virtual(virtual=flag)
