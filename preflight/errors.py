"""What can go wrong on purpose. Every error knows its exit code and what to do next.

PreflightError
  InputError       a file or an argument is wrong; carries every problem found       exit 2
  RefusedError     a look that nobody permitted; nothing was sent                     exit 2
  SigningError     no signature could be made                                         exit 2
  WriteError       no report could be written: disk full, folder gone                 exit 1
  NotGenuine       a document is not what it claims to be; carries the reason code    exit 5
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from preflight.exits import Exit

if TYPE_CHECKING:
    from preflight.files.problems import Problem


class PreflightError(Exception):
    """The message says what and where; `help` says what to do next."""

    exit = Exit.USAGE

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word users see
        super().__init__(message)
        self.help = help


class InputError(PreflightError):
    """Files that people wrote are wrong. Carries all problems, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class RefusedError(PreflightError):
    """The site file does not permit this look, so nothing was sent."""


class SigningError(PreflightError):
    """A signature could not be made: no key, wrong passphrase, agent refused."""


class WriteError(PreflightError):
    """The look was made, and its report could not be written. Exit 2 would say: not contacted."""

    exit = Exit.INTERNAL


class NotGenuine(PreflightError):  # noqa: N818 - the contract's word
    """A document, signature or trust folder is refused; `code` is the reason code."""

    exit = Exit.NOT_GENUINE

    def __init__(self, code: str, message: str, *, step: int = 0, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.code = code
        self.step = step
