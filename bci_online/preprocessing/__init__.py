"""From chunks to epochs: clock, losses, filter, ring buffer, epochs, quality."""
