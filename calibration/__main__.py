"""Command `bci-calibrate`: its commands, registered in the order of its help."""

from bci_online.interrupts import ends_silently, leave

with ends_silently():
    import typer

    from bci_online import console
    from calibration.commands import library, record
    from calibration.commands.compare import compare
    from calibration.commands.promises import promises
    from calibration.commands.report import report_decoder
    from calibration.commands.supervise import supervise
    from calibration.commands.toy_losses import toy_losses
    from calibration.commands.train import train
    from calibration.experiments import evaluate

app = typer.Typer(
    name="bci-calibrate",
    help="Train decoders and evaluate methods for bci-online.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def bci_calibrate() -> None:
    """Train decoders and evaluate methods for bci-online."""


app.add_typer(evaluate.app, name="evaluate")
app.command()(train)
app.command(name="report")(report_decoder)
app.command()(compare)
app.add_typer(record.app, name="record")
app.add_typer(library.app, name="library")
app.command()(toy_losses)
app.command(hidden=True)(promises)
app.command(hidden=True)(supervise)


def main() -> None:
    """Run the command line and exit."""
    leave(console.run(app))


if __name__ == "__main__":
    main()
