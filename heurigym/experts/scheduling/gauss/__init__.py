"""GauS: differentiable scheduling with one Gaussian for each start time.

The start of operation ``i`` is a random number ``N(mu_i, sigma_i^2)``; all else is an expectation in closed form
(see :mod:`heurigym.experts.scheduling.gauss.expectation`), so that Adam moves all operations at once. Constraints
enter by an augmented Lagrangian. After each round the means are rounded and legalised: by a topological pass, or in
the modulo case by a relaxation of at most as many passes as there are nodes. The next descent begins at
the best schedule.

Three formulations, each a function that takes plain arrays:

========================================= ================================== =====================================
function                                  minimises                          subject to
========================================= ================================== =====================================
:func:`minimise_resources` (A)            weighted peak use of each type,    precedence, deadline
                                          plus alpha times the lifetimes
:func:`minimise_live_bits` (B)            peak of live bits                  precedence, deadline
:func:`minimise_folded_live_bits` (C)     peak of live bits, folded modulo   precedence with distances, capacities
                                          the interval                       folded modulo the interval, horizon
========================================= ================================== =====================================

``Search.decode`` turns means into a schedule and its objective: pass a list scheduler that takes the means as
priorities where capacities must hold. Without one, means are only legalised, and what exceeds a capacity counts
:data:`OVERLOAD` a unit. Each improvement over the published method is a field of :class:`Options`.

Source: GauS, arXiv 2602.20427 (2026). Its code was not available; what its text leaves open is documented where it
is decided. Runs with the same seed, options and round limit give the same bits on the same machine.
"""

from heurigym.experts.scheduling.gauss.formulations import (
    minimise_folded_live_bits,
    minimise_live_bits,
    minimise_resources,
)
from heurigym.experts.scheduling.gauss.measures import (
    OVERLOAD,
    folded,
    last_uses,
    legalise_and_measure,
    live_bits,
    objective,
    occupancy,
)
from heurigym.experts.scheduling.gauss.task import FAITHFUL, Decode, Found, Options, Resources, Search, Task, Values

__all__ = [
    "FAITHFUL",
    "OVERLOAD",
    "Decode",
    "Found",
    "Options",
    "Resources",
    "Search",
    "Task",
    "Values",
    "folded",
    "last_uses",
    "legalise_and_measure",
    "live_bits",
    "minimise_folded_live_bits",
    "minimise_live_bits",
    "minimise_resources",
    "objective",
    "occupancy",
]
