"""Finds the charts that are asked for, off the loop, and has the session play them."""

import asyncio
from pathlib import Path
from typing import Any

from livegen.charts.chart import Chart
from livegen.charts.layout import layout
from livegen.charts.text import write_chart
from livegen.errors import LivegenError
from livegen.files import chart_file
from livegen.live.setting_commands import SettingCommands
from livegen.live.stage import Stage
from livegen.session.changes import Change
from livegen.settings import spec
from livegen.system import clock

OFF = "off"


class ChartCommands:
    """Charts by name; ``folder`` is one more folder of them. Of several that are asked for the latest counts."""

    def __init__(self, stage: Stage, setting_commands: SettingCommands, folder: Path | None) -> None:
        self._stage = stage
        self._setting_commands = setting_commands
        self._folder = folder
        self._wanted = ""
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, name: str) -> None:
        """Play the chart of that name from the next bar line on, when it is read; "off" plays none."""
        self._wanted = name
        if name == OFF:
            self.play(None)
            return
        task = asyncio.get_running_loop().create_task(self._bring(name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _bring(self, name: str) -> None:
        try:
            chart = await asyncio.get_running_loop().run_in_executor(None, self._read, name)
            if self._wanted == name:
                self.play(chart)
        except LivegenError as error:
            self._stage.output.tell_error(error)

    def _read(self, name: str) -> Chart:
        """The chart; over the network a name, never a path."""
        return chart_file.read_charts(chart_file.find(name, self._folder))[0]

    def play(self, chart: Chart | None) -> None:
        """Have the session play a chart, with its metre and tempo. The journal holds all of it, as text."""
        if chart is not None:
            tempo = spec("tempo")
            with self._setting_commands.together():
                self._setting_commands.set("metre", chart.beats)
                if chart.tempo is not None and tempo.low is not None and tempo.high is not None:
                    self._setting_commands.set("tempo", max(tempo.low, min(tempo.high, chart.tempo)))
        self._setting_commands.carry_out(Change("chart_text", ("" if chart is None else write_chart(chart),)))
        self._stage.output.tell("/livegen/chart", OFF if chart is None else chart.title)
        self.tell()

    def bring(self, chart: Chart) -> None:
        """Play a chart that was brought, whatever is still being looked for."""
        self._wanted = ""
        self.play(chart)

    def tell(self) -> None:
        """Send the chord and the place in the chart, if they have changed."""
        changes, now = self._stage.session.player.changes, clock.now()
        self._stage.output.tell_chord(changes.harmony(now))
        self._stage.output.tell_spot(changes.spot(now))

    def shown(self) -> dict[str, Any]:
        """For the page: the names of the charts that there are, and the bars of the one that is played."""
        chart = self._stage.session.player.changes.chart
        return {
            "names": chart_file.names(self._folder),
            "chart": None if chart is None else layout(chart),
        }
