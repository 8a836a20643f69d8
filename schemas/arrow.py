"""NumPy arrays as Arrow columns, as they lie in memory.

`pa.array` does the same, but loads pandas first to see whether that is what it was given: a quarter of a second and
50 MB, in every process, for nothing.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def arrow_numbers(values: NDArray[Any], present: NDArray[np.bool_] | None = None) -> pa.Array:
    """Integers or truth values as a column; null where they are not `present`, if that is given."""
    valid = None if present is None else _bits(present)
    content = _bits(values) if values.dtype == np.bool_ else pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [valid, content])


def _bits(flags: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))
