"""The same question for many settings: one run per combination, one table of answers.

The work is plain functions on plain data, so any ``concurrent.futures`` executor can do it: threads
or processes of this machine, or a cluster's (Dask: ``client.get_executor()``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from itertools import product
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.workloads.pipeline.pipeline import Pipeline, Progress

if TYPE_CHECKING:
    import pandas

Setting = dict[str, Any]
Answer = Callable[[Pipeline], Mapping[str, Any]]


def totals_of_a_flow(pipeline: Pipeline) -> Mapping[str, Any]:
    """The totals of a day at flow level: what a sweep asks unless told otherwise."""
    return pipeline.flow(days=1).totals


def sweep(
    make_pipeline: Callable[..., Pipeline],
    grid: Mapping[str, Sequence[Any]],
    *,
    answer: Answer = totals_of_a_flow,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> pandas.DataFrame:
    """One row per combination of ``grid``, in the order of the grid, whoever finishes first.

    make_pipeline: called with one value of each list of the grid, by name. answer: what is asked of
    a pipeline: numbers by name, which become columns beside the settings. With an executor of
    processes both must be importable functions. progress: called with combinations done and in all.
    Raises what a combination raised; UsageError for an empty grid.
    """
    settings = _combinations(grid)
    futures: list[Future[Setting]] = []
    if executor is not None:
        futures = [executor.submit(_ask, make_pipeline, answer, each) for each in settings]
    rows = []
    for number, setting in enumerate(settings):
        rows.append(futures[number].result() if futures else _ask(make_pipeline, answer, setting))
        if progress is not None:
            progress(number + 1, len(settings))
    return _frame(rows)


def _combinations(grid: Mapping[str, Sequence[Any]]) -> list[Setting]:
    empty = [name for name, values in grid.items() if not len(values)]
    if not grid or empty:
        raise UsageError(f"grid: give at least one value for each name ({', '.join(empty)}).")
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def _ask(make_pipeline: Callable[..., Pipeline], answer: Answer, setting: Setting) -> Setting:
    return {**setting, **answer(make_pipeline(**setting))}


def _frame(rows: list[Setting]) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError:
        raise MissingPackage('sweep needs pandas: pip install "kinesis-lab[lab]"') from None
    return pandas.DataFrame(rows)
