"""A real libvirtd with paused virtual machines of QEMU (without KVM), for whatever machine a test
makes of namespaces: /etc must be its own, and /run and /tmp empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping

DAEMON = """
echo "127.0.1.1 $(hostname)" >/etc/hosts
ip link set lo up
for d in lib cache log; do
  mkdir -p /tmp/$d /var/$d/libvirt
  mount --bind /tmp/$d /var/$d/libvirt
done
mkdir -p /etc/libvirt
grep -q ^libvirt-qemu: /etc/passwd || echo 'libvirt-qemu:x:64055:64055::/:/bin/false' >>/etc/passwd
grep -q ^libvirt-qemu: /etc/group || echo 'libvirt-qemu:x:64055:' >>/etc/group
# No polkitd here: with it, the action org.libvirt.unix.monitor lets everybody look.
cat >/etc/libvirt/libvirtd.conf <<X
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_ro_perms = "0777"
host_uuid = "11111111-2222-3333-4444-555555555556"
X
cat >/etc/libvirt/qemu.conf <<X
user = "root"
group = "root"
remember_owner = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
X
libvirtd -p /run/libvirtd.pid >/run/log 2>&1 &
until [ -S /run/libvirt/libvirt-sock-ro ]; do kill -0 $!; sleep 0.05; done
"""
_DOMAIN = """
cat >/run/domain.xml <<X
<domain type='qemu'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64'>hvm</type></os>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices>
</domain>
X
virsh -c qemu:///system define /run/domain.xml
"""


def libvirt(uuids: Mapping[str, str], active: Collection[str]) -> str:
    """sh that starts it with these domains, name -> UUID; those not active are shut off."""
    defined = [_DOMAIN.format(name=name, uuid=uuid) for name, uuid in uuids.items()]
    started = [f"virsh -c qemu:///system start --paused '{name}'\n" for name in active]
    return "".join([DAEMON, *defined, *started])
