"""Six solutions as they are handed in at contests, and inputs of middling size for them."""

from collections.abc import Callable
from random import Random

SIEVE = """
import sys
def main():
    data = sys.stdin.read().split()
    n, queries = int(data[0]), list(map(int, data[2:]))
    prime = [True] * (n + 1)
    prime[0] = prime[1] = False
    for i in range(2, int(n ** 0.5) + 1):
        if prime[i]:
            for j in range(i * i, n + 1, i):
                prime[j] = False
    for q in queries:
        print("YES" if prime[q] else "NO")
main()
"""
KNAPSACK = """
n, capacity = map(int, input().split())
best = [0] * (capacity + 1)
for _ in range(n):
    weight, value = map(int, input().split())
    for w in range(capacity, weight - 1, -1):
        best[w] = max(best[w], best[w - weight] + value)
print(best[capacity])
"""
BREADTH_FIRST = """
from collections import deque
n, m = map(int, input().split())
near = [[] for _ in range(n)]
for _ in range(m):
    a, b = map(int, input().split())
    near[a].append(b)
    near[b].append(a)
far = [-1] * n
far[0] = 0
queue = deque([0])
while queue:
    a = queue.popleft()
    for b in near[a]:
        if far[b] < 0:
            far[b] = far[a] + 1
            queue.append(b)
print(*far)
"""
DIJKSTRA = """
import heapq, sys
input = sys.stdin.readline
n, m = map(int, input().split())
near = [[] for _ in range(n)]
for _ in range(m):
    a, b, c = map(int, input().split())
    near[a].append((b, c))
far = [10 ** 18] * n
far[0] = 0
heap = [(0, 0)]
while heap:
    d, a = heapq.heappop(heap)
    if d > far[a]:
        continue
    for b, c in near[a]:
        if d + c < far[b]:
            far[b] = d + c
            heapq.heappush(heap, (far[b], b))
print(sum(d for d in far if d < 10 ** 18))
"""
WORDS = """
from collections import Counter
text = input()
count = Counter(text)
odd = [letter for letter in sorted(count) if count[letter] % 2]
half = "".join(letter * (count[letter] // 2) for letter in sorted(count))
print(half + "".join(odd) + half[::-1])
"""
INTERVALS = """
import bisect
n = int(input())
rows = sorted((tuple(map(int, input().split())) for _ in range(n)), key=lambda row: row[1])
ends, best = [0], [0]
for begin, end, gain in rows:
    place = bisect.bisect_right(ends, begin) - 1
    if best[place] + gain > best[-1]:
        ends.append(end)
        best.append(best[place] + gain)
print(best[-1])
"""


def _sieve(rng: Random) -> str:
    return f"2000\n50\n{' '.join(str(rng.randint(1, 2000)) for _ in range(50))}\n"


def _rows(first: str, count: int, row: Callable[[], list[int]]) -> str:
    return "\n".join([first, *(" ".join(map(str, row())) for _ in range(count))]) + "\n"


SOLUTIONS: dict[str, tuple[str, Callable[[Random], str]]] = {
    "sieve": (SIEVE, _sieve),
    "knapsack": (KNAPSACK, lambda rng: _rows("20 300", 20, lambda: [rng.randint(1, 60), rng.randint(1, 99)])),
    "breadth first": (BREADTH_FIRST, lambda rng: _rows("200 400", 400, lambda: rng.choices(range(200), k=2))),
    "dijkstra": (DIJKSTRA, lambda rng: _rows("200 600", 600, lambda: rng.choices(range(200), k=3))),
    "words": (WORDS, lambda rng: "".join(rng.choices("abcdefgh", k=300)) + "\n"),
    "intervals": (
        INTERVALS,
        lambda rng: _rows("200", 200, lambda: [*sorted(rng.choices(range(999), k=2)), rng.randint(1, 9)]),
    ),
}
"""Source, and what makes an input of it, by name."""
