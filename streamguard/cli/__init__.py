"""The commands: shells without logic of their own. Each says what it does, and errors say what to do."""

from __future__ import annotations

import typer

from streamguard.cli.catalog import catalog
from streamguard.cli.check import check_config
from streamguard.cli.demo import demo
from streamguard.cli.doctor import doctor
from streamguard.cli.evaluate import evaluation
from streamguard.cli.feedback import feedback
from streamguard.cli.identities import identities
from streamguard.cli.incident import incident
from streamguard.cli.ledger import ledger
from streamguard.cli.normalize import normalize
from streamguard.cli.output import console
from streamguard.cli.replay import replay
from streamguard.cli.run import run
from streamguard.cli.seal import seal
from streamguard.cli.simulation import simulation
from streamguard.cli.topics import topics
from streamguard.compiled import build_line

app = typer.Typer(
    name="streamguard",
    help="Watches database query logs on Kafka and says who exported which personal data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command()(demo)
app.command()(run)
app.command()(replay)
app.command()(normalize)
app.command("simulate")(simulation)
app.command("evaluate")(evaluation)
app.command()(topics)
app.command()(doctor)
app.command("check-config")(check_config)
app.add_typer(catalog, name="catalog")
app.add_typer(identities)
app.add_typer(feedback)
app.add_typer(seal)
app.add_typer(incident)
app.add_typer(ledger)


@app.command()
def version() -> None:
    """Print the version, and whether it runs compiled."""
    console.print(build_line(), highlight=False)


def main() -> None:
    """Run the command line."""
    app()
