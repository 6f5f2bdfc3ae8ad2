"""Networks as a lab would bring them; imported by name."""

from torch import complex64, nn, ones


class ThreeOutputs(nn.Module):
    """Logits, an embedding that all losses pass through, and a reconstruction."""

    n_latent = 6

    def __init__(self, n_chans: int, n_outputs: int, n_times: int, sfreq: float) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv1d(n_chans, 8, 25, padding="same"), nn.BatchNorm1d(8), nn.ELU(),
            nn.AvgPool1d(8), nn.Flatten(),
        )  # fmt: skip
        self.latent = nn.Linear(8 * (n_times // 8), self.n_latent)
        self.classifier = nn.Linear(self.n_latent, n_outputs)
        self.decoder = nn.Sequential(
            nn.Linear(self.n_latent, n_chans * n_times), nn.Unflatten(1, (n_chans, n_times))
        )

    def forward(self, x):
        embedding = self.latent(self.encoder(x))
        return self.classifier(embedding), embedding, self.decoder(embedding)


class NamedLosses(ThreeOutputs):
    """The same with a loss of its own."""

    @property
    def losses(self):
        return {"length": lambda outputs, x, y: outputs[1].square().mean()}


class Complex(ThreeOutputs):
    """The same with a complex number, of which a file would keep the real part alone."""

    def __init__(self, **sizes: float) -> None:
        super().__init__(**sizes)
        self.register_buffer("phase", ones(3, dtype=complex64))


def no_module(n_chans: int, n_outputs: int, n_times: int, sfreq: float) -> str:
    return "a network"


def fails(**sizes: float) -> nn.Module:
    raise RuntimeError("no weights\nfor such epochs")


def leaves(**sizes: float) -> nn.Module:
    raise SystemExit(3)
