"""Test-time compute: searches ask, the scheduler answers and bills. Nothing here touches torch or jax.

A new search is one file: a frozen dataclass of settings whose call returns a plan (`asks.py` says what a plan may ask).
"""

from .alphacode import AlphaCode
from .asks import Decision, Plan, Root, Search
from .beam import Beam
from .best_of_n import BestOfN
from .budget import BudgetSpent, Cost, Limits
from .gumbel import Gumbel
from .pgtd import PlanningGuided
from .playouts import Playouts
from .puct import Puct
from .rollout import Episode, rollout
from .sample import Sample
from .sampled import SampledTree
from .scheduler import Scheduler
from .scripted import Scripted
from .task import Player
from .testing import check_search

__all__ = [
    "AlphaCode",
    "Beam",
    "BestOfN",
    "BudgetSpent",
    "Cost",
    "Decision",
    "Episode",
    "Gumbel",
    "Limits",
    "Plan",
    "PlanningGuided",
    "Player",
    "Playouts",
    "Puct",
    "Root",
    "Sample",
    "SampledTree",
    "Scheduler",
    "Scripted",
    "Search",
    "check_search",
    "rollout",
]
