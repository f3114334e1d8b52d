"""`preflight init`: a first site file, empty, from a look, or from a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE


@click.command("init")
@click.option("-o", "folder", type=FILE, default=".", help="The folder to write to.")
@click.option("--from", "sources", multiple=True, metavar="HOST|SHEET.csv|netbox",
              help="Look at these hosts, read this spreadsheet, or ask NetBox.")  # fmt: skip
@click.argument("more", nargs=-1, metavar="[HOST]...")
@click.option("--by", default="", help="Who permitted the look.")
@click.option("--on", default="", metavar="DAY", help="The day of the permission; it begins then.")
@click.option("--until", default="", metavar="DAY", help="The last day of the permission.")
@click.option("--networks", multiple=True, help="The permitted networks, like 10.20.0.0/16.")
@click.option("--control", multiple=True, metavar="ADDRESS:PORT",
              help="What proves the way to the site: its gateway, the VPN's end.")  # fmt: skip
@click.option("--site", default="", help="The site's short name; with netbox its slug there.")
@click.option("--customer", default="", help="The customer's name.")
@click.option("--profile", default="base-servers", show_default=True, help="What is checked.")
@click.option("--ssh-user", default="", metavar="NAME", help="Every server's account.")
@click.option("--ssh-credential", default="", metavar="ID", help="Every server's credential.")
@click.option("--bmc-credential", default="", metavar="ID", help="Every BMC's credential.")
@click.option("--bmc-ca", type=FILE, help="The PEM file that every BMC's certificate is proven by.")
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=FIELD",
              help="What a column of the spreadsheet is; FIELD may be ignore. With netbox:"
              " role:SLUG=host, location:SLUG=hall, site=hall.")  # fmt: skip
@click.option("--fill", multiple=True, type=click.Choice(["hall", "rack", "roles", "user"]),
              help="Empty cells of this field mean the value above.")  # fmt: skip
@click.option("--url", default="", help="Where NetBox is: https://HOST[:PORT][/PATH].")
@click.option("--token", default="", metavar="REF",
              help="NetBox's token: env:NAME, file:PATH, keyring:..., or prompt:")  # fmt: skip
@click.option("--credential", default="", metavar="ID",
              help="The same by an entry of your credentials file.")  # fmt: skip
@click.option("--ca", type=FILE, help="The PEM file that NetBox's certificate is proven by.")
@click.option("--sha256", default="", metavar="DIGEST", help="Of NetBox's certificate, instead.")
def command(folder: Path, sources: tuple[str, ...], more: tuple[str, ...], **given: object) -> None:
    """Write a commented site.yaml and booking.yaml; never over one that is there.

    --from HOST... asks what needs no login (ports, host key, certificate, Redfish root), and only
    with --by and --networks. A HOST is HOST, HOST,BMC or ,BMC, each with :PORT, and NAME= before.
    --from netbox reads one site of NetBox, with --url, --site and a read-only token.
    What is not known stays blank, and `preflight lint` names every blank.
    """
    from preflight.cli.starting import start

    start(folder, (*sources, *more), bool(sources), given)
