"""The options of `bci-calibrate evaluate`, with their help."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from calibration.method_names import NetworkName


class Part(StrEnum):
    """What `evaluate simulated` makes."""

    sensors = "sensors"
    subjects = "subjects"
    all = "all"


class Protocol(StrEnum):
    """How recordings are split; the same names as in `calibration.experiments.flash_protocols`."""

    paper = "paper"
    by_run = "by-run"
    learning_curve = "learning-curve"


class MoabbProtocol(StrEnum):
    """How public sets are split; networks have separate protocols."""

    paper = "paper"
    by_run = "by-run"
    subject_dependent = "subject-dependent"
    subject_independent = "subject-independent"


class Weighting(StrEnum):
    """`calibration.method_names.WEIGHTINGS`, all weights 1, and everything.

    An enumeration, as typer takes no list of literals.
    """

    fixed = "fixed"
    ones = "fixed-1"
    alphagrad = "alphagrad"
    adamt = "adamt"
    gradapprox = "gradapprox"
    uw = "uw"
    dwa = "dwa"
    all = "all"


class Monitor(StrEnum):
    """Which validation loss, or the validation accuracy, decides the epoch that is kept."""

    classification = "classification"
    weighted = "weighted"
    val_acc = "val_acc"


class PresetName(StrEnum):
    """The same names as `calibration.experiments.presets.PRESETS`."""

    epfl = "epfl"
    uam = "uam"
    errp = "errp"


class MoabbPreset(StrEnum):
    """`PresetName`, and that of networks: typer takes no union of enumerations."""

    epfl = "epfl"
    uam = "uam"
    errp = "errp"
    alphagrad_paper = "alphagrad-paper"


class SplitName(StrEnum):
    """The same names as `calibration.experiments.network_splits.SPLITS`."""

    sessions = "sessions"
    phases = "phases"
    paper = "paper"


class PrecisionOption(StrEnum):
    """The same names as `calibration.method_names.PRECISIONS`."""

    float32 = "float32"
    bfloat16 = "bfloat16"


class Scaling(StrEnum):
    """The same names as `calibration.method_names.SCALINGS`."""

    channel = "channel"
    microvolts = "microvolts"
    overall = "global"


Output = Annotated[Path, typer.Option("--output", "-o", help="folder for cells, table, figure")]
Methods = Annotated[
    str,
    typer.Option(
        help="such as svm,gsvm-2; default: simulated all there are, else the paper's five"
    ),
]
Jobs = Annotated[int, typer.Option(help="processes on this machine; -1 for one per core")]
Seed = Annotated[int, typer.Option(min=0, help="seed of simulation and random splits")]
Scheduler = Annotated[str, typer.Option(help="tcp://HOST:PORT of a Dask cluster to run on")]
Json = Annotated[str, typer.Option(help="- for JSON lines on standard output")]
Protocols = Annotated[
    list[Protocol] | None,
    typer.Option(
        help="paper: random splits; by-run: whole runs or letters left out; default both; "
        "learning-curve: each subject new in turn, alone and pooled with the others"
    ),
]
PresetOption = Annotated[
    PresetName | None, typer.Option(help="the paper's filter and latencies for one of its sets")
]
MoabbPresetOption = Annotated[
    MoabbPreset | None,
    typer.Option(
        help="the paper's filter and latencies for one of its sets; alphagrad-paper: with "
        "--network, all settings of AlphaGrad's authors"
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option(help="TOML: streams, markers, filter, latencies, layout")
]
Splits = Annotated[int, typer.Option(min=2, help="random splits per subject, or blocks of a curve")]
TrainShare = Annotated[float, typer.Option(help="share of the flashes a random split trains on")]
Dataset = Annotated[str, typer.Option(help="MOABB's name of a set: EPFLP300, BNCI2014_001")]
DataDir = Annotated[
    Path | None, typer.Option(help="folder that holds your copy, as MNE_DATA would")
]
Subjects = Annotated[
    list[int] | None, typer.Option(help="which subjects, each with its own --subject; default all")
]
MoabbProtocols = Annotated[
    list[MoabbProtocol] | None,
    typer.Option(
        help="P300 methods: paper, by-run; networks: subject-dependent (another session is "
        "tested), subject-independent (another subject is); default both"
    ),
]
NetworkOption = Annotated[
    NetworkName | None, typer.Option(help="train this network instead of the P300 methods")
]
Weightings = Annotated[
    list[Weighting] | None,
    typer.Option(help="how its losses are weighed, may be given several times; default fixed"),
]
Classes = Annotated[
    str, typer.Option(help="with --network: left_hand,right_hand,feet,…; default: the paper's")
]
MonitorOption = Annotated[
    Monitor, typer.Option(help="with --network: the validation loss that is watched")
]
MaxEpochs = Annotated[
    int, typer.Option(min=1, help="with --network: at most this number of epochs")
]
Device = Annotated[str, typer.Option(help="with --network: cpu, cuda, cuda:1, mps")]
Precision = Annotated[
    PrecisionOption,
    typer.Option(help="with --network: of the layers while they learn; bfloat16 is for GPUs"),
]
Cache = Annotated[
    Path | None,
    typer.Option(help="with --network: folder of filtered trials; default: trials in --output"),
]
Threads = Annotated[
    int, typer.Option(min=1, max=1024, help="with --network: of the CPU, for each training")
]
MinEpochs = Annotated[
    int, typer.Option(min=1, help="with --network: no training ends before so many epochs")
]
LossStep = Annotated[float, typer.Option(help="with --network: alphagrad's step")]
LossWeights = Annotated[
    str, typer.Option(help="with --network: to start with, or fixed, such as 0.5,0.5,1")
]
LearningRate = Annotated[float, typer.Option(help="with --network: Adam's, at the start")]
KeepNetworks = Annotated[
    bool,
    typer.Option(
        "--keep-networks",
        help="with --network: write the networks across subjects, for train --from",
    ),
]
FixedCentres = Annotated[
    bool, typer.Option("--fixed-centres", help="with --network: fbmsnet's centres never move")
]
Subsampling = Annotated[
    int | None, typer.Option(min=1, help="with --network: samples after min2net's first pooling")
]
ScalingOption = Annotated[
    Scaling, typer.Option(help="with --network: what the input is divided by")
]
SplitOption = Annotated[
    SplitName,
    typer.Option(
        help="with --network: the first session trains; the runs called train do; or as the "
        "paper's code, which tests test runs alone also across subjects"
    ),
]
