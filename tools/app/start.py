"""What the bundled app runs."""

from livegen.cli.bundle import is_command

if is_command():
    from livegen.__main__ import run

    run()
