"""Who is who: the pairing of rows with columns that costs least in all (the assignment problem).

Shortest augmenting paths with potentials (Jonker & Volgenant 1987, in the O(n^3) form of Crouse 2016), for the few
dozen objects of one picture. Mostly nobody competes, and then no path is searched.
"""

import numpy as np
import numpy.typing as npt

Costs = npt.NDArray[np.float64]
FORBIDDEN = 1e6  # a pair that must not be


def assign(costs: Costs) -> list[tuple[int, int]]:
    """(row, column) pairs of least total cost, by row. Pairs at FORBIDDEN are left out; sides may differ in length."""
    allowed = costs < FORBIDDEN
    rows, columns = np.flatnonzero(allowed.any(axis=1)), np.flatnonzero(allowed.any(axis=0))
    if len(rows) == 0:
        return []
    part = costs[rows[:, None], columns]
    found = _assigned(part) if len(rows) <= len(columns) else [(row, column) for column, row in _assigned(part.T)]
    pairs = sorted((int(rows[row]), int(columns[column])) for row, column in found)
    return [(row, column) for row, column in pairs if allowed[row, column]]


def _assigned(costs: Costs) -> list[tuple[int, int]]:
    """A column for each row; there are at least as many columns."""
    wished = costs.argmin(axis=1).tolist()
    if len(set(wished)) == len(wished):
        return list(enumerate(wished))  # each has what costs it least: no other pairing can cost less
    rows, columns = costs.shape
    owner = np.full(columns, -1)
    u, v = np.zeros(rows), np.zeros(columns)
    for start in range(rows):
        _augment(costs, start, owner, (u, v))
    return [(row, column) for column, row in enumerate(owner.tolist()) if row >= 0]


def _augment(costs: Costs, start: int, owner: npt.NDArray[np.int_], potentials: tuple[Costs, Costs]) -> None:
    u, v = potentials
    columns = costs.shape[1]
    distance = np.full(columns, np.inf)
    came_from = np.full(columns, -1)
    done = np.zeros(columns, dtype=bool)
    rows_seen = [start]
    row, base = start, 0.0
    while True:
        reach = base + costs[row] - u[row] - v
        nearer = ~done & (reach < distance)
        distance[nearer] = reach[nearer]
        came_from[nearer] = row
        column = int(np.argmin(np.where(done, np.inf, distance)))
        base = float(distance[column])
        done[column] = True
        if owner[column] < 0:
            break
        row = int(owner[column])
        rows_seen.append(row)
    u[start] += base
    for seen in rows_seen[1:]:
        u[seen] += base - distance[int(np.flatnonzero(owner == seen)[0])]
    v[done] -= base - distance[done]
    while True:
        row = int(came_from[column])
        held = np.flatnonzero(owner == row)
        owner[column] = row
        if row == start:
            return
        column = int(held[held != column][0])
