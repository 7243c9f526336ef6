"""Which points may stand in one row: those whose bills agree, and what is done about those whose bills do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .points import Point, interpolate

How = Literal["strict", "at_most", "interpolate", "none"]
Curves = Mapping[str, Sequence[Point]]


class BillsDiffer(ValueError):
    """Two settings of one row spent too different amounts for their scores to be compared."""


@dataclass(frozen=True, slots=True)
class Matching:
    """How bills are held against each other.

    Attributes:
        unit: of `Cost`; the mean bill of one decision is what has to agree.
        how: where bills differ, "strict" refuses; "at_most" lets a setting that spends less stand beside dearer ones,
            taken from its dearest budget within the row's bill where it has none of the row's label; "interpolate"
            reads every setting's curve at one bill; "none" takes bills as they are.
        tolerance: the largest relative difference of bills that counts as equal.
    """

    unit: str = "policy_tokens"
    how: How = "strict"
    tolerance: float = 0.02

    def agree(self, bill: float, other: float) -> bool:
        """Returns True where two bills count as equal."""
        return max(bill, other) <= min(bill, other) * (1 + self.tolerance)

    def row(self, curves: Curves, budget: str) -> tuple[dict[str, Point], float]:
        """Returns the points of the row `budget`, by setting, and what a decision costs in it.

        Args:
            curves: every setting's points in one world.
            budget: a label that at least one of them has.

        Raises:
            BillsDiffer: if `how` does not allow what the bills are.
        """
        row = {setting: point for setting, curve in curves.items() for point in curve if point.budget == budget}
        bill = max(map(self._bill, row.values()))
        if self.how == "at_most":
            return self._affordable(curves, bill) | row, bill
        if self.how == "interpolate":
            return self._read_off(curves, row)
        if self.how == "strict":
            self._refuse_unequal(row)
        return row, bill

    def _bill(self, point: Point) -> float:
        return point.cost[self.unit]

    def _affordable(self, curves: Curves, bill: float) -> dict[str, Point]:
        """Returns every setting's dearest point that costs no more than `bill`."""
        limit = bill * (1 + self.tolerance)
        within = {name: [point for point in curve if self._bill(point) <= limit] for name, curve in curves.items()}
        return {name: max(found, key=self._bill) for name, found in within.items() if found}

    def _read_off(self, curves: Curves, row: Mapping[str, Point]) -> tuple[dict[str, Point], float]:
        """Returns all curves read at the dearest bill of the row that the curves of its settings all reach."""
        reached = [max(map(self._bill, curves[setting])) for setting in row]
        bill = min(max(map(self._bill, row.values())), *reached)
        read = {setting: self._read(curve, bill) for setting, curve in curves.items()}
        if any(read[setting] is None for setting in row):
            self._refuse_unequal(row)
        return {setting: point for setting, point in read.items() if point is not None}, bill

    def _read(self, curve: Sequence[Point], bill: float) -> Point | None:
        """Returns the curve at `bill`, or None where it does not reach so far down or up."""
        nearest = min(curve, key=lambda point: abs(self._bill(point) - bill))
        if self.agree(self._bill(nearest), bill):
            return nearest
        bills = [self._bill(point) for point in curve]
        return interpolate(curve, self.unit, bill) if min(bills) < bill < max(bills) else None

    def _refuse_unequal(self, row: Mapping[str, Point]) -> None:
        cheap, dear = min(row.values(), key=self._bill), max(row.values(), key=self._bill)
        if self.agree(self._bill(cheap), self._bill(dear)):
            return
        ways = {
            "at_most": "how=at_most to let the cheaper stand there, marked with its own bill",
            "interpolate": "how=interpolate to read both curves at one bill",
            "none": "how=none to see the bills side by side",
        }
        unit = self.unit.replace("_", " ")
        raise BillsDiffer(
            f"{cheap.env}, budget {cheap.budget!r}: a decision costs {cheap.setting!r} {self._bill(cheap):,.6g} {unit} "
            f"and {dear.setting!r} {self._bill(dear):,.6g}, which differ by more than {self.tolerance:.1%}"
            + (", and one of the curves does not reach the other's bill" if self.how == "interpolate" else "")
            + ". Evaluate both under the same limit, match in another unit, or set "
            + ", or ".join(way for how, way in ways.items() if how != self.how)
        )
