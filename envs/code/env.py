"""The code contest as a world: it writes a problem, the player writes a program and hands it in.

A stream is the statement with its examples, then the program's tokens, then `end`, which hands it in. A wrong program
costs an attempt and teaches nothing: the next one begins a new stream with the same words.
"""

from collections.abc import Sequence, Sized
from copy import copy
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from ..codec import BpeCodec
from ..types import Codec, Phrase, State
from .headings import heading, lines_to_draw
from .inputs import made_inputs
from .judge import Case, Job, JudgeUnavailable, Limits, Pool, Result, TestSet, Verdict
from .problem import Problem, Problems

# Hidden tests are made by `made_inputs` too, from seeds without this number before them.
_BEHAVIOUR = 1


Stop = Literal["first", "never"]
Headings = Literal["none", "own", "drawn"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the contest remembers.

    Attributes:
        problem: what is being solved.
        prompt: `[L]` int32, the problem as the player reads it.
        written: tokens of the program so far, `end` included once it is handed in.
        attempt: programs handed in before this one.
    """

    problem: Problem
    prompt: NDArray[np.int32]
    written: tuple[int, ...] = ()
    attempt: int = 0


class CodeContest:
    """Problems to solve in Python within some attempts; reward 1 for a program that passes every test.

    Its model knows a problem's examples alone, and rewards passing those, in one attempt.

    Attributes:
        codec: byte-level, so that every text has tokens.
        end: the token of `codec` that hands a program in.
        num_players: 1.
        problems: episode `seed` is problem `seed`, modulo their number where they have one.
        training: problems that may be learnt from.
        attempts: programs that may be handed in for one problem.
        max_tokens: the longest program, `end` included.
        made_inputs: on how many inputs `behaviour` runs a program.
        headings: how programs begin: "none", as they like; "own", those that are shown with a line of their problem's
            rating and tags, and a player writes a line of its own; "drawn", each sample is given such a line, drawn
            anew from those of the first training problems, which are read for it when the contest is made.
    """

    num_players = 1

    def __init__(
        self,
        problems: Problems,
        training: Problems | None = None,
        codec: Codec | None = None,
        attempts: int = 10,
        max_tokens: int = 96,
        made_inputs: int = 8,
        headings: Headings = "none",
        workers: int | None = None,
    ) -> None:
        """Makes the contest; nothing runs before the first program is handed in.

        Args:
            problems: what is asked.
            training: what `texts` and demonstrations are taken from; `problems` where None.
            codec: bytes where None.
            attempts: 1 or more.
            max_tokens: 1 or more.
            made_inputs: 1 or more.
            headings: none, own or drawn.
            workers: programs judged at a time; one a core where None.
        """
        if min(attempts, max_tokens, made_inputs) < 1:
            counts = f"attempts={attempts}, max_tokens={max_tokens}, made_inputs={made_inputs}"
            raise ValueError(f"{counts}; each must be 1 or more")
        if headings not in get_args(Headings):
            raise ValueError(f"headings: found {headings!r}, wanted {', '.join(get_args(Headings))}")
        self.problems = problems
        self.training = problems if training is None else training
        self.attempts, self.max_tokens, self.made_inputs = attempts, max_tokens, made_inputs
        self.headings = headings
        self._lines = lines_to_draw(self.training) if headings == "drawn" else ()
        # A judge remembers the tests it was handed, so the model's programs go to one that never gets a hidden test.
        self._judge, self._judge_of_models = Pool(workers), Pool(workers)
        # Whoever is graded is judged on every test, not up to the first that fails.
        self._stop: Stop = "first"
        self._speak(codec or BpeCodec.bytes("text"))

    def init(self, seed: int) -> State[Draft]:
        """Returns the first state of problem `seed`."""
        problem = numbered(self.problems, seed)
        return self._asking(Draft(problem, self.codec.encode(problem.prompt)))

    def step(self, state: State[Draft], token: int) -> State[Draft]:
        """Returns the state after `token`; ValueError if illegal or `state` is terminal."""
        return self.advance((state,), ((token,),))[0]

    def advance(self, states: Sequence[State[Draft]], moves: Sequence[Sequence[int]]) -> list[State[Draft]]:
        """Returns the state after each move; all programs they hand in are judged together.

        Raises:
            ValueError: if a move is illegal or its state is terminal.
            JudgeUnavailable: if the judge itself fails.
        """
        drafts = [self._written(state, move) for state, move in zip(states, moves, strict=True)]
        handed_in = [draft for draft in drafts if self._is_handed_in(draft)]
        jobs = [self._job(d, TestSet(d.problem.tests, d.problem.checker), self._stop) for d in handed_in]
        results = iter(self._run(jobs))
        return [
            self._after(draft, next(results)) if self._is_handed_in(draft) else self._writing(draft) for draft in drafts
        ]

    def model(self, state: State[Draft], seed: int) -> tuple["CodeContest", State[Draft]]:
        """Returns the contest of this problem alone, as its reader knows it; nothing is drawn, `seed` is not used."""
        problem = state.inner.problem.as_seen()
        world = copy(self)
        world.problems = world.training = (problem,)
        world.attempts, world._judge = 1, self._judge_of_models
        return world, replace(state, inner=replace(state.inner, problem=problem, attempt=0))

    def phrase(self, state: State[Draft]) -> Phrase:
        """Returns the grammar of the program that begins at `state`, or of its rest: any tokens, closed by `end`."""
        written = state.inner.written
        return Phrase(self._any, self.end, self.max_tokens - len(written), () if written else self._openings)

    def graded(self) -> Self:
        """Returns the same contest, in which a program earns the share of tests that it passes."""
        world = copy(self)
        world._stop = "never"
        return world

    def behaviour(self, states: Sequence[State[Draft]], seed: int) -> list[bytes]:
        """Returns a fingerprint of what each state's program prints for inputs made, by `seed`, from its examples."""
        drafts, salted = [state.inner for state in states], (_BEHAVIOUR, seed)
        inputs = [made_inputs([c.input for c in d.problem.examples], self.made_inputs, salted) for d in drafts]
        cases = [TestSet(tuple(Case(text, "") for text in texts), _Anything()) for texts in inputs]
        results = self._run([self._job(draft, tests, "never") for draft, tests in zip(drafts, cases, strict=True)])
        return [_fingerprint(result) for result in results]

    def meter(self) -> tuple[int, float]:
        """Returns the programs judged so far and their CPU-seconds."""
        return self._judge.meter()

    def texts(self, count: int) -> list[str]:
        """Returns the first `count` training problems, or all, each with a program that solves it, if it has one."""
        there = min(count, len(self.training)) if isinstance(self.training, Sized) else count
        problems = (self.training[i] for i in range(there))
        return [p.prompt + "".join(self._heading(p) + s.source for s in p.solutions[:1]) for p in problems]

    def shown(self, problem: Problem, source: str) -> NDArray[np.int32]:
        """Returns `[T]` the move that hands in `source`, under the heading of its problem where there are headings."""
        parts = self.codec.encode(self._heading(problem)), self.codec.encode(source), [self.end]
        return np.concatenate(parts).astype(np.int32)

    def with_codec(self, codec: Codec) -> Self:
        """Returns the same contest, before the same judge, spoken through `codec`, a `BpeCodec`."""
        world = copy(self)
        world._speak(codec)
        if (longest := max(map(len, world._openings), default=0)) >= self.max_tokens:
            raise ValueError(
                f"a heading takes {longest} tokens, a program may have {self.max_tokens}: raise max_tokens, or choose "
                "headings=none"
            )
        return world

    def describe(self, state: State[Draft]) -> dict[str, Any]:
        """Returns the problem's name, rating and tags."""
        problem = state.inner.problem
        return {"name": problem.name, "rating": problem.rating, "tags": list(problem.tags)}

    def render(self, state: State[Draft]) -> str:
        """Returns the problem and the program so far."""
        return state.inner.problem.prompt + self.codec.decode(state.inner.written)

    def _speak(self, codec: Codec) -> None:
        """Takes up a codec and the masks of its tokens."""
        if not isinstance(codec, BpeCodec):
            raise ValueError(f"codec {codec.name!r} is a {type(codec).__name__}; programs are text, pass a BpeCodec")
        self.codec: Codec = codec
        self.end = codec.end
        self._any, self._none = np.ones(codec.size, np.bool_), np.zeros(codec.size, np.bool_)
        self._openings = tuple(tuple(codec.encode(line).tolist()) for line in self._lines)
        self._only_end = np.arange(codec.size) == self.end

    def _heading(self, problem: Problem) -> str:
        return "" if self.headings == "none" else heading(problem)

    def _written(self, state: State[Draft], move: Sequence[int]) -> Draft:
        """Returns the draft with a move's tokens added."""
        draft, tokens = state.inner, tuple(move)
        end, room = self.end, self.max_tokens - len(draft.written)
        if state.terminal:
            raise ValueError(f"the contest is over after {draft.attempt} attempts; begin another by init")
        for place, token in enumerate(tokens, 1):
            if not 0 <= token <= end or place > room or (place == room and token != end):
                raise ValueError(f"token {token} in place {place} of {room}: 0 to {end} may stand there, {end} last")
            if token == end and place < len(tokens):
                raise ValueError(f"{len(tokens) - place} tokens follow {end}, which ends a program")
        return replace(draft, written=draft.written + tokens)

    def _is_handed_in(self, draft: Draft) -> bool:
        return draft.written[-1:] == (self.end,)

    def _job(self, draft: Draft, tests: TestSet, stop: Stop) -> Job:
        limits = Limits(cpu_seconds=draft.problem.time_limit_seconds, memory_bytes=draft.problem.memory_limit_bytes)
        return Job(self.codec.decode(draft.written), tests, limits, stop)

    def _run(self, jobs: Sequence[Job]) -> list[Result]:
        """Returns the judge's results; a failure of the judge is nobody's failure to solve a problem."""
        results = self._judge.map(jobs)
        if any(result.verdict is Verdict.IE for result in results):
            raise JudgeUnavailable("the judge could not run a program, which says nothing about it; try again")
        return results

    def _asking(self, draft: Draft, reward: float = 0.0) -> State[Draft]:
        """Returns the state in which the problem is read."""
        return State(draft, draft.prompt, True, self._legal(0), 0, np.array([reward], np.float32), False)

    def _writing(self, draft: Draft) -> State[Draft]:
        """Returns a state inside a program."""
        legal = self._legal(len(draft.written))
        return State(draft, _NO_TOKENS, False, legal, 0, _NO_REWARD, False)

    def _after(self, draft: Draft, result: Result) -> State[Draft]:
        """Returns the state after a program was handed in and judged."""
        draft = replace(draft, attempt=draft.attempt + 1)
        solved = result.verdict is Verdict.AC
        share = (result.passed or 0) / max(1, result.total) if self._stop == "never" else 0.0
        reward = 1.0 if solved else share
        if solved or draft.attempt >= self.attempts:
            return State(draft, _NO_TOKENS, False, self._none, 0, np.array([reward], np.float32), True)
        return self._asking(replace(draft, written=()), reward)

    def _legal(self, place: int) -> NDArray[np.bool_]:
        return self._only_end if place == self.max_tokens - 1 else self._any


def numbered(problems: Problems, seed: int) -> Problem:
    """Returns problem `seed`, modulo their number where they have one."""
    return problems[seed % len(problems) if isinstance(problems, Sized) else seed]


@dataclass(frozen=True, slots=True)
class _Anything:
    """Agrees with every output, so that none is asked for twice: of a made input no answer is wanted."""

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True."""
        return True


_NO_TOKENS = np.zeros(0, np.int32)
_NO_REWARD = np.zeros(1, np.float32)


def _fingerprint(result: Result) -> bytes:
    """Returns a digest of what was printed in each test, or of how it failed."""
    seen = [test.output_digest if test.verdict in _RAN else test.verdict for test in result.tests]
    return blake2b("\n".join(seen).encode(), digest_size=16).digest()


# No answer is wanted of a made input, so right and wrong mean the same.
_RAN = (Verdict.AC, Verdict.WA, Verdict.PE)
