"""What the bar of a long step shows."""

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from dompet.streams.terminal.figures import count


def progress_on(console: Console, *, as_share: bool) -> Progress:
    """Bars that are gone at their end; `as_share` shows percents, not numbers."""
    numbers = (TaskProgressColumn(),) if as_share else (_Count(), _Rate())
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=None), *numbers, TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, expand=True)


class _Count(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{count(int(task.completed))} of {count(int(task.total or 0))}", "progress.download")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{count(int(task.speed or 0))}/s", "progress.data.speed")
