"""A state saved and loaded for one model, as a slot does it with a session around it."""

from livegen.errors import ModelError
from livegen.predictors.models import MarkovState, NetworkState, Predictor, State
from livegen.predictors.state_file import DAMAGED, alike, arrays, pack, read, unpack


def save(predictor: Predictor, state: State) -> bytes:
    """The state as an .npz file's bytes, with the model's hash. Raises ModelError for a model that keeps no state."""
    if not isinstance(state, NetworkState | MarkovState):
        raise ModelError(f"The model {predictor.name} keeps no state; choose another model to save it.")
    return pack(arrays(predictor.digest, state))


def load(predictor: Predictor, content: bytes) -> State:
    """The state that ``save`` wrote. Of another model's, only the memory: it is every model's.

    Raises ModelError if it is no such file, damaged, or made by another version.
    """
    blank = predictor.start()
    if not isinstance(blank, NetworkState | MarkovState):
        raise ModelError(f"The model {predictor.name} keeps no state; choose another model to recall one.")
    content_arrays = unpack(content)
    found = read(content_arrays)
    if str(content_arrays["model"]) != predictor.digest:
        return blank._replace(memory=found.memory)
    if not alike(found, blank):
        raise ModelError(DAMAGED)
    return found
