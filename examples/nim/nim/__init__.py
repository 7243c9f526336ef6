"""Nim, a world for AlphaKata in a package of its own."""

from .game import Nim, Optimal

__all__ = ["Nim", "Optimal"]
