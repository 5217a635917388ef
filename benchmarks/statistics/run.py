"""How often the intervals of docs/statistics.md hold what they say, over seeded experiments with known
answers.

`python benchmarks/statistics/run.py` prints the tables; with `plants` it adds control variates on a
plant, a tandem of two M/M/1 stations whose mean lead time is 50 min (Jackson), which takes some minutes.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from twin.experiment.inference.best import paired_against_best
from twin.experiment.inference.control_variates import controlled_mean
from twin.experiment.inference.counts import share_interval
from twin.experiment.inference.kn import KN
from twin.experiment.inference.ocba import OCBA
from twin.experiment.inference.procedures import Procedure, Question
from twin.experiment.inference.simultaneous import studentized_range_quantile
from twin.experiment.inference.stopping import Precision
from twin.experiment.statistics import Interval, mean_interval, quantile_interval

Reals = NDArray[np.float64]
Draw = Callable[[tuple[int, int]], Reals]
EXPERIMENTS = 4000
TANDEM = """\
twin: 1
plant: Two machines in a row
equipment: {mixer: {}, press: {}}
recipes:
  tablet:
    batch: 100 pieces
    operations:
      - mix: {on: [mixer], takes: exponential(mean=10 min)}
      - press: {on: [press], takes: exponential(mean=12 min)}
orders:
  - {recipe: tablet, every: exponential(mean=20 min)}
"""


def main(words: list[str]) -> None:
    """Print the tables."""
    for title, rows in (
        ("means and quantiles", single()),
        ("sequential stopping", stopping()),
        ("all pairs and the best", several()),
        ("selection", selection()),
        ("control variates", controls()),
    ):
        show(title, rows)
    if "plants" in words:
        show("control variates on a plant", plants())


def show(title: str, rows: Iterator[tuple[str, float, float, int, str]]) -> None:
    """One table: what, asked, found, experiments, remark."""
    print(f"\n{title}\n")
    for what, asked, found, count, remark in rows:
        error = math.sqrt(asked * (1 - asked) / count)
        print(f"| {what} | {asked:.2f} | {found:.3f} ± {error:.3f} | {remark} |", flush=True)


def single() -> Iterator[tuple[str, float, float, int, str]]:
    """Student's, order statistics', and shares of lots."""
    generator = np.random.default_rng(101)
    drawn: tuple[tuple[str, Draw, float], ...] = (
        ("normal", lambda size: generator.normal(size=size), 0.0),
        ("exponential", lambda size: generator.exponential(size=size), 1.0),
        ("lognormal, cv 1.3", lambda size: generator.lognormal(0, 1, size), math.exp(0.5)),
    )
    for name, draw, truth in drawn:
        for n in (10, 30):
            values = draw((EXPERIMENTS, n)).tolist()
            found = [mean_interval(row, 0.95) for row in values]
            hits = share(found, truth)
            yield f"mean of {n} values, {name}", 0.95, hits, EXPERIMENTS, ""
    values = generator.exponential(size=(EXPERIMENTS, 60)).tolist()
    bounds = [quantile_interval(row, 0.9, 0.9) for row in values]
    truth = math.log(10)
    hits = share(bounds, truth)
    yield "90 % quantile of 60 values", 0.9, hits, EXPERIMENTS, "at least its level, by order statistics"
    for n in (10, 30):
        lots = generator.integers(20, 60, size=(EXPERIMENTS, n))
        late = generator.binomial(lots, generator.beta(2.0, 6.0, size=lots.shape))
        shares = [share_interval(p, w, 0.95) for p, w in zip(late.tolist(), lots.tolist(), strict=True)]
        hits = share(shares, 0.25)
        yield (
            f"share of lots over {n} replications",
            0.95,
            hits,
            EXPERIMENTS,
            "shares of replications vary: β(2, 6)",
        )


def share(intervals: Iterable[Interval], truth: float) -> float:
    """The share of intervals that hold a value; one without a bound holds all on that side."""
    held = [
        (-math.inf if i.low is None else i.low) <= truth <= (math.inf if i.high is None else i.high)
        for i in intervals
    ]
    return sum(held) / len(held)


def stopping() -> Iterator[tuple[str, float, float, int, str]]:
    """Looks after every value from the tenth on."""
    generator = np.random.default_rng(102)
    drawn: tuple[tuple[str, Draw, float, float], ...] = (
        ("normal", lambda size: generator.normal(10, 1, size), 10.0, 1.0),
        ("exponential", lambda size: generator.exponential(1.0, size), 1.0, 1.0),
    )
    for name, draw, truth, sigma in drawn:
        for wanted in (0.5, 0.3, 0.2):
            values = draw((EXPERIMENTS, 400))
            n = np.arange(1, 401)
            mean = values.cumsum(axis=1) / n
            variance = ((values**2).cumsum(axis=1) - n * mean**2) / np.maximum(n - 1, 1)
            half = stats.t.ppf(0.975, np.maximum(n - 1, 1)) * np.sqrt(variance / n)
            first = np.argmax((half <= wanted * sigma) & (n >= 10), axis=1)
            row = np.arange(EXPERIMENTS)
            hits = np.mean(np.abs(mean[row, first] - truth) <= half[row, first])
            remark = f"{first.mean() + 1:.0f} values on average"
            yield f"half-width {wanted:g} σ, {name}", 0.95, float(hits), EXPERIMENTS, remark


def factor(kind: str, k: int) -> Reals:
    """A factor of a covariance matrix."""
    if kind == "equal correlations of 0.8":
        return np.asarray(np.linalg.cholesky(0.8 * np.ones((k, k)) + 0.2 * np.eye(k)), dtype=np.float64)
    if kind == "neighbours alike":
        lags = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
        return np.asarray(np.linalg.cholesky(0.9**lags), dtype=np.float64)
    return np.diag(np.geomspace(1, 10, k))


def several() -> Iterator[tuple[str, float, float, int, str]]:
    """All pairs by each method, and MCB."""
    generator = np.random.default_rng(103)
    kinds = ("equal correlations of 0.8", "neighbours alike", "spreads 1 to 10")
    for k, n in ((5, 10), (8, 6), (8, 30)):
        for kind in kinds:
            values = generator.normal(size=(EXPERIMENTS, n, k)) @ factor(kind, k).T
            largest = np.zeros(EXPERIMENTS)
            for i in range(k):
                for j in range(i):
                    d = values[:, :, i] - values[:, :, j]
                    largest = np.maximum(largest, np.abs(d.mean(axis=1)) / np.sqrt(d.var(axis=1, ddof=1) / n))
            what = f"all pairs of {k} runs of {n}, paired, {kind}"
            bonferroni = stats.t.ppf(1 - 0.05 / (k * (k - 1)), n - 1)
            tukey = studentized_range_quantile(0.95, k, n - 1) / math.sqrt(2)
            remark = f"the studentized range would hold {np.mean(largest <= tukey):.3f}"
            yield what, 0.95, float(np.mean(largest <= bonferroni)), EXPERIMENTS, remark
    for spreads in ((1, 1, 1, 1, 1), (1, 1.5, 2, 3, 5)):
        values = generator.normal(size=(EXPERIMENTS, 10, 5)) * spreads
        held = games_howell(values)
        yield (
            f"all pairs of 5 runs of 10, unpaired, spreads {spreads}",
            0.95,
            held,
            EXPERIMENTS,
            "Games and Howell",
        )
    for kind in kinds:
        for means in ((0.0, 0.0, 0.0, 0.0), (1.0, 0.9, 0.0, -1.0)):
            truth = np.array(means) - [max(means[:i] + means[i + 1 :]) for i in range(4)]
            hits = 0
            for one in generator.normal(size=(1000, 10, 4)) @ factor(kind, 4).T + means:
                rows = paired_against_best(one.T, "higher", 0.95)
                hits += all(r.low <= t <= r.high for r, t in zip(rows, truth, strict=True))
            yield f"against the best, 4 runs of 10, {kind}, means {means}", 0.95, hits / 1000, 1000, ""


def games_howell(values: Reals) -> float:
    """How often the intervals of all pairs hold 0 together; values (experiments, n, k)."""
    _, n, k = values.shape
    nodes = np.linspace(n - 1, 2 * (n - 1), 9)
    critical = [studentized_range_quantile(0.95, k, float(v)) / math.sqrt(2) for v in nodes]
    mean, variance = values.mean(axis=1), values.var(axis=1, ddof=1) / n
    held = np.ones(len(values), dtype=bool)
    for i in range(k):
        for j in range(i):
            a, b = variance[:, i], variance[:, j]
            freedom = (a + b) ** 2 / ((a**2 + b**2) / (n - 1))
            reach = np.interp(freedom, nodes, critical) * np.sqrt(a + b)
            held &= np.abs(mean[:, i] - mean[:, j]) <= reach
    return float(held.mean())


def drive(begin: Callable[..., Procedure], question: Question, pool: Reals) -> Procedure:
    """A procedure over values (systems, replications)."""
    state = begin(question, list(pool[:, : question.first]))
    while blocks := state.asks():
        state = state.told({b.system: pool[b.system, b.first - 1 : b.last] for b in blocks})
    return state


def selection() -> Iterator[tuple[str, float, float, int, str]]:
    """Correct choices where all others are worse by the zone (slippage), and where they fall off evenly."""
    generator = np.random.default_rng(104)
    count = 2000
    for name, begin in (("KN", KN.begin), ("OCBA", OCBA.begin)):
        for what, means in (
            ("slippage, 5 systems", (1, 0, 0, 0, 0)),
            ("even steps, 5 systems", (4, 3, 2, 1, 0)),
        ):
            for correlation in (0.0, 0.8):
                own = generator.normal(size=(count, 5, 800)) * math.sqrt(1 - correlation)
                pools = 2 * (own + generator.normal(size=(count, 1, 800)) * math.sqrt(correlation))
                pools += np.array(means)[:, None]
                question = Question(0.95, Precision(1.0, relative=False))
                ends = [drive(begin, question, pool) for pool in pools]
                used = np.mean([sum(len(v) for v in end.values) for end in ends])
                right = float(np.mean([end.best == 0 for end in ends]))
                remark = f"{used:.0f} replications on average"
                yield f"{name}, {what}, correlation {correlation:g}", 0.95, right, count, remark


def controls() -> Iterator[tuple[str, float, float, int, str]]:
    """Normal values of which some controls explain a share, and values that bend with a control."""
    generator = np.random.default_rng(105)
    count = 2000
    for n, candidates in ((40, 5), (40, 30), (100, 30)):
        for explained in (0.0, 0.5, 0.9):
            found = []
            for _ in range(count):
                c = generator.normal(size=(n, candidates))
                y = math.sqrt(explained / 2) * (c[:, 0] + c[:, 1])
                found.append(
                    controlled_mean(y + math.sqrt(1 - explained) * generator.normal(size=n), c, 0.95)
                )
            what = f"{n} replications, {candidates} candidates, {explained:.0%} explained"
            yield _judged(what, found, 0.0)
    for n in (40, 100):
        found = []
        for _ in range(count):
            c = generator.normal(size=(n, 5))
            bent = np.exp(0.5 * c[:, 0]) - math.exp(0.125)
            found.append(controlled_mean(bent + 0.2 * generator.normal(size=n), c, 0.95))
        yield _judged(f"{n} replications, a measure that bends with its control, exp(c/2)", found, 0.0)


def _judged(what: str, found: list, truth: float) -> tuple[str, float, float, int, str]:  # type: ignore[type-arg]
    hits = float(np.mean([f.interval.low <= truth <= f.interval.high for f in found]))
    plain = float(np.mean([f.plain.low <= truth <= f.plain.high for f in found]))
    ratio = np.mean([f.interval.half_width for f in found]) / np.mean([f.plain.half_width for f in found])
    return what, 0.95, hits, len(found), f"{ratio:.0%} of the plain width; plain {plain:.3f}"


def plants() -> Iterator[tuple[str, float, float, int, str]]:
    """The tandem, 40 replications of ten days after two, 100 seeds."""
    import twin
    from twin.experiment.control_draws import controlled

    found: dict[str, list] = {"lead_time_mean": [], "wip_mean": [], "throughput": []}  # type: ignore[type-arg]
    truths = {"lead_time_mean": 3000.0, "wip_mean": 2.5, "throughput": 1 / 1200}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tandem.yaml"
        file.write_text(TANDEM, encoding="utf-8")
        for seed in range(1, 101):
            run = twin.run(
                file,
                set={"run.horizon": "12 d", "run.warm_up": "2 d"},
                replications=40,
                seed=seed,
                record="folded",
                workspace=folder,
                workers=1,
            )
            for name, mine in found.items():
                mine.append(controlled(run, name)[0])
    for name, mine in found.items():
        yield _judged(f"tandem, {name}", mine, truths[name])


if __name__ == "__main__":
    main(sys.argv[1:])
