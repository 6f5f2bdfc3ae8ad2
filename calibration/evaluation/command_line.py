"""The words of `bci-calibrate evaluate`; what they do is imported when they are used."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bci_online import console
from bci_online.errors import BciError

app = typer.Typer(
    name="evaluate",
    help="Compare methods: the paper's simulated experiment, your recordings, or public sets.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Part(StrEnum):
    """What `evaluate simulated` makes."""

    sensors = "sensors"
    subjects = "subjects"
    all = "all"


class Protocol(StrEnum):
    """How recordings are split; the same names as in `calibration.evaluation.protocols`."""

    paper = "paper"
    by_run = "by-run"


class PresetName(StrEnum):
    """The same names as `calibration.evaluation.presets.PRESETS`."""

    epfl = "epfl"
    uam = "uam"
    errp = "errp"


Output = Annotated[Path, typer.Option("--output", "-o", help="folder for cells, table, figure")]
Methods = Annotated[str, typer.Option(help="which methods, such as svm,gsvm-2; default: all")]
Jobs = Annotated[int, typer.Option(help="processes on this machine; -1 for one per core")]
Seed = Annotated[int, typer.Option(min=0, help="seed of simulation and random splits")]
Scheduler = Annotated[str, typer.Option(help="tcp://HOST:PORT of a Dask cluster to run on")]
Json = Annotated[str, typer.Option(help="- for JSON lines on standard output")]
Protocols = Annotated[
    list[Protocol] | None,
    typer.Option(help="paper: random splits; by-run: whole runs or letters left out; default both"),
]
PresetOption = Annotated[
    PresetName | None, typer.Option(help="the paper's filter and latencies for one of its sets")
]
ConfigOption = Annotated[
    Path | None, typer.Option(help="TOML: streams, markers, filter, latencies, layout")
]
Splits = Annotated[int, typer.Option(min=2, help="random splits per subject")]
TrainShare = Annotated[float, typer.Option(help="share of the flashes a random split trains on")]


@app.command()
def simulated(
    output: Output,
    part: Annotated[
        Part, typer.Option(help="sensors: the paper's table; subjects: learning curves")
    ] = Part.all,
    methods: Methods = "",
    runs: Annotated[int, typer.Option(min=1, help="how often everything is drawn anew")] = 10,
    jobs: Jobs = 1,
    seed: Seed = 0,
    scheduler: Scheduler = "",
    json: Json = "",
) -> None:
    """Make the simulated experiment: 16 sensors, 8 of which carry a P300."""
    from calibration.evaluation.commands import Running, evaluate_simulated

    running = Running(
        output=output, jobs=_jobs(jobs), scheduler=scheduler, as_json=console.parse_json(json)
    )
    evaluate_simulated(part.value, methods, runs, seed, running)


@app.command()
def recordings(
    recordings: Annotated[list[Path], typer.Argument(help="XDF files; sub-XX names the subject")],
    output: Output,
    protocol: Protocols = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    methods: Methods = "",
    splits: Splits = 10,
    train_share: TrainShare = 0.8,
    jobs: Jobs = 1,
    seed: Seed = 0,
    scheduler: Scheduler = "",
    json: Json = "",
) -> None:
    """Compare methods on your own recordings, subject by subject."""
    from calibration.evaluation.commands import Running, evaluate_recordings
    from calibration.evaluation.protocols import Splitting

    splitting = Splitting(splits=splits, train_share=_share(train_share), seed=seed)
    running = Running(
        output=output, jobs=_jobs(jobs), scheduler=scheduler, as_json=console.parse_json(json)
    )
    asked = [chosen.value for chosen in protocol or Protocol]
    named = preset.value if preset else ""
    evaluate_recordings(recordings, config, named, asked, methods, splitting, running)


@app.command()
def moabb(
    dataset: Annotated[str, typer.Option(help="MOABB's name of a P300 set, such as EPFLP300")],
    output: Output,
    data_dir: Annotated[
        Path | None, typer.Option(help="folder that holds your copy, as MNE_DATA would")
    ] = None,
    subject: Annotated[
        list[int] | None, typer.Option(help="which subjects, each with its own --subject")
    ] = None,
    protocol: Protocols = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    methods: Methods = "",
    splits: Splits = 10,
    train_share: TrainShare = 0.8,
    jobs: Jobs = 1,
    seed: Seed = 0,
    scheduler: Scheduler = "",
    json: Json = "",
) -> None:
    """Compare methods on a public set; MOABB fetches it unless you have a copy."""
    from calibration.evaluation.commands import Running, evaluate_moabb
    from calibration.evaluation.protocols import Splitting

    splitting = Splitting(splits=splits, train_share=_share(train_share), seed=seed)
    running = Running(
        output=output, jobs=_jobs(jobs), scheduler=scheduler, as_json=console.parse_json(json)
    )
    people = sorted(set(subject or []))
    asked = [chosen.value for chosen in protocol or Protocol]
    named = preset.value if preset else ""
    evaluate_moabb(dataset, data_dir, people, config, named, asked, methods, splitting, running)


def _jobs(jobs: int) -> int:
    if jobs == 0:
        raise BciError("--jobs 0: must be 1 or more, or -1 for one per core")
    return jobs


def _share(share: float) -> float:
    if not 0 < share < 1:
        raise BciError(f"--train-share {share:g}: must lie between 0 and 1, such as 0.8")
    return share
