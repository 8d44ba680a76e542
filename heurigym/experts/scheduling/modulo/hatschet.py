"""Loops in the public format of HatScheT's benchmark graphs, converted to instances of pipelined scheduling.

HatScheT (universities of Kassel and Darmstadt) publishes each loop as two files: a GraphML graph whose nodes name
resources and whose edges have a delay, a distance and a type of dependence, and a resource model in XML: latency,
blocking time and limit of each resource. Widths of values are not published; they are taken from the names that the
HLS compiler gave the units (``plus_expr_FU_64_64_64`` adds numbers of 64 bits).

python -m heurigym.experts.scheduling.modulo.hatschet graph17.graphml graph17_RM.xml --out graph17.json
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from heurigym.experts.scheduling.modulo.bounds import least_interval
from heurigym.experts.scheduling.modulo.loop import loop_from_json

WIDTH = 32
"""Bits of a value whose unit's name tells no width, such as what is read from memory."""

_WIDTHS = re.compile(r"(?:_FU|_to_1)((?:_\d+)+)$")


def convert(graph: Path, resources: Path, interval: int | None = None) -> dict[str, Any]:
    """The content of an instance file for a graph and its resource model.

    Args:
        graph: GraphML file.
        resources: resource model, an XML file.
        interval: the interval to give; open from MinII on if ``None``.

    Raises:
        ValueError: a file is not of the format, or no interval is possible; the message names file, field and fix.
        OSError: a file cannot be read.
    """
    content = {
        "name": graph.name.removesuffix(".graphml"),
        "interval": {"least": 1, "most": None, "weight": 0},
        "resources": read_resources(resources),
        **read_graph(graph),
    }
    unknown = {kind for _, kind, _ in content["operations"]} - set(content["resources"])
    if unknown:
        raise ValueError(f"{resources}: has no resource {min(unknown)}; give the model of {graph.name}")
    loop = loop_from_json(content)
    try:
        least = least_interval(loop)
    except ValueError as error:
        raise ValueError(f"{graph}: edges: {error}; give the cycle a distance") from None
    if interval is None:
        content["interval"] = {"least": least, "most": None, "weight": int(loop.bits.sum()) + 1}
    elif interval < least:
        raise ValueError(f"{graph}: the interval {interval} is below MinII, give one of at least {least}")
    else:
        content["interval"] = {"least": interval, "most": interval, "weight": 0}
    return content


def read_graph(path: Path) -> dict[str, list[list[Any]]]:
    """Operations and edges of a GraphML file, as an instance has them.

    Raises:
        ValueError: the file is not of the format.
    """
    operations, edges = [], []
    seen: set[str] = set()
    for element in _parsed(path).iter():
        kind = element.tag.rpartition("}")[2]
        if kind not in ("node", "edge"):
            continue
        data = {str(child.get("key")): child.text or "" for child in element}
        if kind == "node":
            name = _attribute(element.attrib, "id", path)
            if name in seen:
                raise ValueError(f"{path}: node: the id {name} is there twice; remove one")
            seen.add(name)
            resource = _attribute(data, "uses_resource", path)
            operations.append([name, resource, value_width(resource)])
        else:
            ends = [_attribute(element.attrib, end, path) for end in ("source", "target")]
            numbers = [_count(_attribute(data, key, path), key, path) for key in ("delay", "distance")]
            role = "data" if _attribute(data, "deptype", path) == "Data" else "order"
            edges.append([*ends, *numbers, role])
    for source, target, *_ in edges:
        if source not in seen or target not in seen:
            raise ValueError(f"{path}: edge: {source} to {target} is no pair of nodes; add the node")
    return {"operations": operations, "edges": edges}


def read_resources(path: Path) -> dict[str, dict[str, int | None]]:
    """Latency, blocking time and units by resource; the limit -1 stands for as many units as one likes.

    Raises:
        ValueError: the file is not of the format.
    """
    resources: dict[str, dict[str, int | None]] = {}
    for element in _parsed(path).iter("Resource"):
        name = _attribute(element.attrib, "name", path)
        limit = _attribute(element.attrib, "limit", path)
        resources[name] = {
            "latency": _count(_attribute(element.attrib, "latency", path), "latency", path),
            "blocking": _count(_attribute(element.attrib, "blockingTime", path), "blockingTime", path),
            "units": None if limit == "-1" else _count(limit, "limit", path),
        }
        if resources[name]["units"] == 0:
            raise ValueError(f"{path}: Resource {name}: limit: is 0; give at least 1, or -1 for no limit")
    if not resources:
        raise ValueError(f"{path}: has no element Resource; give a resource model of HatScheT")
    return resources


def value_width(resource: str) -> int:
    """Bits of what an operation of a resource makes: operands' widths come first in its name, then the result's."""
    if resource == "mem_write":
        return 0
    found = _WIDTHS.search(resource)
    if found is None:
        return WIDTH
    widths = [int(number) for number in found.group(1)[1:].split("_")]
    return widths[min(2, len(widths) - 1)]


def _attribute(attributes: Mapping[str, str], key: str, path: Path) -> str:
    if key not in attributes:
        raise ValueError(f"{path}: {key}: is missing from an element; add it")
    return attributes[key].strip()


def _count(text: str, key: str, path: Path) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(f"{path}: {key}: is {text[:40]!r}; give an integer of at least 0")
    return int(text)


def _parsed(path: Path) -> ElementTree.Element:
    """The root of an XML file without DOCTYPE, which is where entities that blow up a small file are declared."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data

    def refuse(*_: object) -> None:
        raise ValueError(f"{path}: has a DOCTYPE; remove it")

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(path.read_bytes(), True)
    except expat.ExpatError as error:
        raise ValueError(f"{path}: is not XML: {error}; give a file of HatScheT") from None
    return builder.close()


def main() -> None:
    """Command line: convert one graph."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=Path, help="GraphML file")
    parser.add_argument("resources", type=Path, help="resource model, an XML file")
    parser.add_argument("--interval", type=int, help="interval to give; open from MinII on without")
    parser.add_argument("--out", type=Path, required=True, help="instance file to write")
    arguments = parser.parse_args()
    try:
        content = convert(arguments.graph, arguments.resources, arguments.interval)
        arguments.out.write_text(json.dumps(content) + "\n", encoding="utf-8")
    except (ValueError, OSError) as error:
        print(f"hatschet: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
