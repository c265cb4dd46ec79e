"""Loads models off the loop, while the music plays on with the model that it has."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from livegen.errors import LivegenError
from livegen.live.output import Output
from livegen.predictors import models
from livegen.predictors.models import Predictor
from livegen.session.any_session import AnySession
from livegen.session.changes import FIRST

Enter = Callable[[str, str, Predictor], None]  # a voice, the name under which the model was asked for, and the model


class _Request:
    """A model that is being loaded. Two requests for the same model are two requests."""

    def __init__(self, name: str) -> None:
        self.name = name


class ModelLoader:
    """Loads the models that voices are to play with. ``folder`` is one more folder of models.

    Of the requests for one voice the latest counts. A model that already plays, from the same bytes, does not enter
    again. A model that cannot be loaded is reported to ``output``.
    """

    def __init__(self, session: AnySession, folder: Path | None, output: Output) -> None:
        self._session = session
        self._folder = folder
        self._output = output
        self._requests: dict[str, _Request] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, voice: str, name: str, enter: Enter) -> None:
        """Load the model of that name for a voice, and call ``enter`` in the loop when it is loaded.

        The file of a model that plays may have changed since it was loaded.
        """
        former = self._requests.get(voice)
        if former is None or former.name != name:
            request = self._requests[voice] = _Request(name)
            task = asyncio.get_running_loop().create_task(self._bring(voice, request, enter))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def want_drummer(self, voice: str, name: str, enter: Callable[[], None]) -> None:
        """Read the drummer of that name for a voice, and call ``enter`` in the loop when it is read."""
        request = self._requests[_drums_of(voice)] = _Request(name)
        task = asyncio.get_running_loop().create_task(self._bring_drummer(voice, request, enter))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget_drummer(self, voice: str) -> None:
        """The drummer that is being read for a voice is no longer wanted."""
        self._requests.pop(_drums_of(voice), None)

    async def _bring_drummer(self, voice: str, request: _Request, enter: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(None, models.drummer, request.name)
        except LivegenError as error:
            self._output.tell_error(error)
        else:
            if self._requests.get(_drums_of(voice)) is request:
                enter()
        finally:
            if self._requests.get(_drums_of(voice)) is request:
                self.forget_drummer(voice)

    def forget(self, voice: str) -> None:
        """The model that is being loaded for a voice is no longer wanted."""
        self._requests.pop(voice, None)

    async def _bring(self, voice: str, request: _Request, enter: Enter) -> None:
        try:
            model = await asyncio.get_running_loop().run_in_executor(None, self._load, request.name)
        except LivegenError as error:
            self._output.tell_error(error)
        else:
            playing = (self._session if voice == FIRST else self._session.voice(voice)).predictor
            is_new = (model.name, model.digest) != (playing.name, playing.digest)
            if is_new and self._requests.get(voice) is request:
                enter(voice, request.name, model)
        finally:
            if self._requests.get(voice) is request:
                del self._requests[voice]

    def _load(self, name: str) -> Predictor:
        """The model. Of one that a voice plays with, its own copy in memory."""
        playing = [voice.predictor for voice in self._session.voices]
        names = name, Path(name).stem
        return models.load(name, self._folder, next((one for one in playing if one.name in names), None))


def _drums_of(voice: str) -> str:
    """The name under which a voice's drummer is asked for; no voice is called so."""
    return f"{voice} drums"
