"""Generated contest problems: endless, and with compositions held out for testing."""

from .problems import GeneratedProblems

__all__ = ["GeneratedProblems"]
