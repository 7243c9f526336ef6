"""AlphaKata: agents that copy first, then search.

The rooms, from the ground up: `envs` and `agents`, then `search`, then `learners`, then `experiments`.
"""

__version__ = "0.1.0"
