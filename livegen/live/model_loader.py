"""Where a model waits until it is loaded: it is read off the loop, and comes on when it is ready."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from livegen.errors import LivegenError
from livegen.live.output import Output
from livegen.predictors import models as predictor
from livegen.predictors.models import Predictor
from livegen.session import voices
from livegen.session.any_session import AnySession

FIRST = ""  # the voice that plain addresses mean, or the only one


class _Request:
    """A model that is being loaded. Two for the same model are two wishes."""

    def __init__(self, name: str) -> None:
        self.name = name


class ModelLoader:
    """Loads the models that voices are to play with, and calls ``enter(voice, name, model)`` in the loop.

    Of a voice's wishes the latest wins. A model that plays already, from the same bytes, does not enter again.
    ``out`` is told what cannot be loaded.
    """

    def __init__(
        self, session: AnySession, models: Path | None, out: Output, enter: Callable[[str, str, Predictor], None]
    ) -> None:
        self._session = session
        self._models = models
        self._out = out
        self._enter = enter
        self._wishes: dict[str, _Request] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, voice: str, name: str) -> None:
        """Have a voice play with the model of that name. The file of one that plays may have changed."""
        former = self._wishes.get(voice)
        if former is None or former.name != name:
            wish = self._wishes[voice] = _Request(name)
            task = asyncio.get_running_loop().create_task(self._bring(voice, wish))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def forget(self, voice: str) -> None:
        """Whatever is being loaded for a voice is wanted no more."""
        self._wishes.pop(voice, None)

    async def _bring(self, voice: str, wish: _Request) -> None:
        try:
            model = await asyncio.get_running_loop().run_in_executor(None, self._load, wish.name)
        except LivegenError as error:
            self._out.tell_error(error)
        else:
            playing = (voices.find(self._session, voice) if voice else self._session).predictor
            is_new = (model.name, model.digest) != (playing.name, playing.digest)
            if is_new and self._wishes.get(voice) is wish:
                self._enter(voice, wish.name, model)
        finally:
            if self._wishes.get(voice) is wish:
                del self._wishes[voice]

    def _load(self, name: str) -> Predictor:
        """The model; of one that a voice plays with, its own copy in memory."""
        playing = [voice.predictor for voice in voices.every(self._session)]
        names = name, Path(name).stem
        return predictor.load(name, self._models, next((one for one in playing if one.name in names), None))
