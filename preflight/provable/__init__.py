"""`plan --provable`: what can pass with this access, and the cheapest thing to ask for.

Nothing is looked up in a table of kinds. The best answers that the access allows are written as
evidence and given to the very judge of a run: what does not pass then cannot pass. Each thing that
could be asked for is tried the same way. Pure.
"""

from preflight.provable.means import Means, means_of
from preflight.provable.sheet import provable

__all__ = ["Means", "means_of", "provable"]
