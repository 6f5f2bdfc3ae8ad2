"""What the commands do, one module each: assemble, run, show."""
