"""Reading allocations from the text that programs write: a line for each layer, its name and two bit widths."""

from pathlib import Path

from heurigym.errors import InputError
from heurigym.experts.quantization.layers import Network


def read_allocation(path: Path, network: Network) -> list[tuple[int, int]]:
    """Bits of weights and of the input of every layer of a network, in the network's order.

    Args:
        path: a solution of an instance that was made from the network.
        network: the network.

    Raises:
        InputError: the file cannot be read, a line is no layer's, or a layer is missing or there twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read as text ({error.__class__.__name__}): give a solution file"
        ) from error
    names = {layer.name for layer in network.layers}
    found: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        if len(words) != 3 or words[0] not in names or words[0] in found:
            raise InputError(
                f"{path}: line {number}: write a layer of {network.name}, each once, and two bit widths"
            )
        try:
            found[words[0]] = int(words[1]), int(words[2])
        except ValueError as error:
            raise InputError(
                f"{path}: line {number}: {words[1]!r} and {words[2]!r} must be whole numbers"
            ) from error
    missing = [layer.name for layer in network.layers if layer.name not in found]
    if missing:
        raise InputError(
            f"{path}: {len(missing)} layers of {network.name} are missing, the first is {missing[0]!r}"
        )
    return [found[layer.name] for layer in network.layers]
