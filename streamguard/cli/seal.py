"""``streamguard seal``: the key pair for complete statement texts that only the incident responder can read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from streamguard.cli.output import console, fail
from streamguard.sealing import new_key, private_pem, public_text

seal = typer.Typer(
    name="seal",
    help="Sealed statements: kept for incidents, readable with a private key that the pipeline does not have.",
    no_args_is_help=True,
)

_NOTE = "Keep it where the pipeline cannot read it, and a copy: without it nothing that was sealed can be opened."


@seal.callback()
def _group() -> None:
    """Keep the command a word of its own."""


@seal.command()
def keygen(
    out: Annotated[Path, typer.Option("--out", help="File for the private key; must not exist.")],
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for a passphrase to encrypt it.")] = False,
) -> None:
    """Make a key pair: the private key into a file that only you can read, the public one for the settings."""
    words = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True) if passphrase else None
    key = new_key()
    try:
        # Never readable by others, not even for a moment, and never through a link that somebody put there.
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        fail(f"{out} exists: a private key is never overwritten; choose another file")
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")
    with os.fdopen(descriptor, "wb") as file:
        file.write(private_pem(key, words))
    console.print(f"The private key is in {out}. {_NOTE}\n\nInto streamguard.yaml:", markup=False, highlight=False)
    console.print(f"sources:\n  seal_public_key: {public_text(key)}", markup=False, highlight=False, soft_wrap=True)
