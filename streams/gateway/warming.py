"""What a gateway loads before it begins: compiled loops take seconds the first time on a machine."""

import gc
from importlib.resources import files

import numpy as np

from dompet.streams.gateway.arrays import lines_of_array
from dompet.streams.gateway.brought import EventColumns
from dompet.streams.gateway.inputs import inputs_of_lines
from dompet.streams.gateway.written import stored
from dompet.streams.kafka.batches import read_outcomes
from dompet.streams.kafka.headed import warm_up as warm_up_headed


def warm_up() -> None:
    """Load the loops, by the contracts' own examples."""
    examples = (files("dompet.schemas") / "examples" / "valid").iterdir()
    inputs = inputs_of_lines(b"\n".join(file.read_bytes() for file in examples))
    lines_of_array(b"[]")
    assert isinstance(inputs, EventColumns)  # noqa: S101  (they are many)
    inputs.said_by("dompet")
    stored(inputs.event_ids, np.zeros((2, len(inputs)), dtype=np.int64), 0, len(inputs))
    warm_up_headed()
    read_outcomes(np.zeros(0, dtype=np.int64))
    gc.collect()
    gc.freeze()  # what is loaded now stays: to look at it again took 100 ms and more, in which nothing was answered
