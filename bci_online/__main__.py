"""Command `bci-online`: one module of `bci_online.commands` for each command, named as typed."""

from bci_online.interrupts import ends_silently, leave

with ends_silently():
    import typer

    from bci_online import console
    from bci_online.commands import (
        config,
        demo,
        doctor,
        export,
        feedback,
        key,
        lab,
        look,
        own_text,
        panel,
        part,
        play,
        repair,
        replay,
        run,
        simulate,
        spell,
        streams,
        verify,
    )

app = typer.Typer(
    name="bci-online",
    help="Spell or imagine live, and replay recordings through the very same code.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def bci_online() -> None:
    """Spell or imagine live, and replay recordings through the very same code."""


for command in (
    doctor.doctor,
    panel.panel,
    key.key,
    config.config,
    lab.lab,
    look.look,
    own_text.own_text,
    replay.replay,
    run.run,
    play.play,
    simulate.simulate,
    spell.spell,
    feedback.feedback,
    demo.demo,
    streams.streams,
    verify.verify,
    repair.repair,
):
    app.command()(command)
app.add_typer(export.app, name="export")
app.add_typer(part.app, name="part")


def main() -> None:
    """Run the command line and exit."""
    leave(console.run(app))


if __name__ == "__main__":
    main()
