"""Signatures: OpenSSH's SSHSIG format over the exact bytes of a document.

wire, publickey, signature, sshsig   bytes to verified signature, pure
keys, agent, signer                  who signs, and with what
trust, folder                        whose signature counts, and for what
carrier                              the page that carries its own report and signature
"""

from __future__ import annotations

REPORT = "preflight-report"
"""The SSHSIG namespace of reports. Namespaces never change."""

NAMESPACES = (
    REPORT,
    "preflight-slip",
    "preflight-extract",
    "preflight-pack",
    "preflight-selfcheck",
    "preflight-acceptance",
    "preflight-waiver",
    "preflight-profile",
    "preflight-releases",
    "preflight-trust",
)
"""One per sort of document, so that no signature can pass for one of another sort."""
