"""Networks as a lab would bring them; imported by name."""

from torch import complex64, nn, ones, rand_like, where


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


class Odd(ThreeOutputs):
    """The same, going wrong in a way that a test sets."""

    way = ""

    def __init__(self, **sizes: float) -> None:
        super().__init__(**sizes)
        self.register_buffer("count", ones(()))

    def forward(self, x):
        logits = super().forward(x)[0]
        is_large = (x.abs().amax(dim=(1, 2)) > 1e3)[:, None]
        if self.way == "large epochs":
            # Of some epochs alone, and of the second class alone.
            return where(is_large & (ones(2).cumsum(0) > 1), logits * float("inf"), logits)
        if self.way == "nan for one class" and x.shape[0] != 8 and not self.training:
            # Not in a batch, so that training and validation see nothing.
            return where(is_large, float("nan"), logits)
        if self.way == "nan live" and not self.training:
            return logits * float("nan")
        if self.way == "random":
            return logits + rand_like(logits)
        if self.way == "complex" and not self.training:
            return logits.to(complex64)
        if self.way == "whole numbers" and not self.training:
            return logits.long()
        if self.way == "fails":
            raise KeyError("no\nsuch epoch")
        if self.way == "squeezed":
            return logits.squeeze()
        if self.way == "of the batch":
            return logits - logits.mean(dim=0)
        if self.way == "counting" and not self.training:
            self.count += 1
        return logits


def no_module(n_chans: int, n_outputs: int, n_times: int, sfreq: float) -> str:
    return "a network"


def fails(**sizes: float) -> nn.Module:
    raise RuntimeError("no weights\nfor such epochs")


def leaves(**sizes: float) -> nn.Module:
    raise SystemExit(3)
