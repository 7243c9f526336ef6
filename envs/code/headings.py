"""The line that a program may begin with, a comment: its problem's rating and tags.

AlphaCode's metadata (Li et al. 2022, https://arxiv.org/abs/2203.07814, figure 5 and appendix F): training shows true
ones, and each sample is given one drawn anew. What helps there is not the hint but that samples differ (its table 13).
"""

from collections import Counter
from collections.abc import Iterator, Sized
from dataclasses import replace
from itertools import islice

from .problem import Problem, Problems

MOST_READ = 512
"""Training problems whose headings are looked at."""
MOST_TAGS = 50
"""Combinations of tags that are drawn from, the most frequent, as AlphaCode does."""


def heading(problem: Problem) -> str:
    """Returns the line of one problem, such as `# 1200 strings, math`; `#` alone where nothing is known of it."""
    known = [str(problem.rating)] * (problem.rating > 0) + [", ".join(problem.tags)] * bool(problem.tags)
    return f"# {' '.join(known)}".rstrip() + "\n"


def lines_to_draw(problems: Problems) -> tuple[str, ...]:
    """Returns the lines to draw from: every rating found, each with all of the most frequent combinations of tags.

    Raises:
        ValueError: if no problem has a rating or tags.
    """
    read = list(islice(_each(problems), MOST_READ))
    ratings = sorted({problem.rating for problem in read})
    tags = Counter(problem.tags for problem in read).most_common(MOST_TAGS)
    lines = [heading(replace(_UNKNOWN, rating=rating, tags=combined)) for rating in ratings for combined, _ in tags]
    if not {*lines} - {heading(_UNKNOWN)}:
        raise ValueError(f"headings: none of {len(read)} training problems has a rating or tags; choose headings=none")
    return tuple(dict.fromkeys(lines))


_UNKNOWN = Problem("", "", ())


def _each(problems: Problems) -> Iterator[Problem]:
    """Yields the problems in order, without end where there is none."""
    index = 0
    while not isinstance(problems, Sized) or index < len(problems):
        yield problems[index]
        index += 1
