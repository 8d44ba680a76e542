"""Small random instances of bit allocation, and their optimum by trying everything."""

import itertools

import numpy as np
from hypothesis import strategies as st

from heurigym.experts.quantization.allocation import BitAllocation


def allocation(seed: int, units: int = 5, width: int = 3, band: int = 4, resources: int = 2) -> BitAllocation:
    """A random instance whose loss is a Gram matrix of whole numbers; its first choice fits all budgets."""
    random = np.random.default_rng(seed)
    vectors = random.integers(-9, 10, (units, width, 2 * units))
    gram = np.einsum("ikx,jlx->ijkl", vectors, vectors)
    pairs = [(one, other) for one in range(units) for other in range(one + 1, min(units, one + band + 1)) if band]
    use = np.sort(random.integers(1, 40, (resources, units, width)), axis=2)
    lean, rich = use[:, :, 0].sum(axis=1), use[:, :, -1].sum(axis=1)
    return BitAllocation(
        names=[f"l{unit}" for unit in range(units)],
        unit_of=np.arange(units),
        choices=np.array([[2, 2], [4, 4], [8, 8], [8, 16]][:width]),
        loss=np.array([gram[unit, unit].diagonal() + 1 for unit in range(units)]),
        use=use,
        budgets=lean + (random.uniform(0.1, 0.8, resources) * (rich - lean)).astype(np.int64),
        first=np.array([one for one, _ in pairs], dtype=np.int64),
        second=np.array([other for _, other in pairs], dtype=np.int64),
        coupling=np.array([2 * gram[one, other] for one, other in pairs], dtype=np.int64).reshape(-1, width, width),
    )


def optimum(problem: BitAllocation) -> int:
    """The least loss within the budgets, by trying all allocations."""
    everything = itertools.product(range(problem.choice_count), repeat=problem.unit_count)
    choices = (np.array(each) for each in everything)
    return min(problem.total(choice) for choice in choices if problem.is_feasible(choice))


def allocations(band: int | None = None, resources: int | None = None) -> st.SearchStrategy[BitAllocation]:
    """Random instances of at most 5 units, with the given band and number of budgets where they are given."""
    return st.builds(
        allocation,
        st.integers(0, 10**6),
        st.integers(1, 5),
        st.integers(1, 3),
        st.integers(0, 4) if band is None else st.just(band),
        st.integers(0, 3) if resources is None else st.just(resources),
    )
