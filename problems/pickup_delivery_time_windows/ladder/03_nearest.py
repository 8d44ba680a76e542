"""Each vehicle drives to the nearest stop from which it can still deliver all that is on board.

It obeys every rule but the number of vehicles, which it does not look at.
"""

import math
from pathlib import Path


def solve(input_file, solution_file):
    name, _, capacity, pairs, data = read_instance(input_file)
    delivery_of = dict(pairs)
    waiting = set(delivery_of)
    routes = []
    while waiting:
        stops, onboard = [1], []
        while True:
            lengths = data[4][stops[-1]]
            for stop in sorted(waiting | set(onboard), key=lambda stop: (lengths[stop], stop)):
                left = [other for other in onboard if other != stop]
                if stop in delivery_of:
                    left.append(delivery_of[stop])
                left.sort(key=lambda other: (data[2][other], other))
                if is_feasible([*stops, stop, *left, 1], capacity, data):
                    break
            else:
                break
            stops.append(stop)
            waiting.discard(stop)
            onboard = left
        routes.append([*stops, 1])
    write_routes(solution_file, name, routes)


def is_feasible(stops, capacity, data):
    demand, early, late, service, length = data
    clock, load, before = early[1], 0, 1
    for node in stops[1:]:
        clock = max(clock + service[before] + length[before][node], early[node])
        load += demand[node]
        if clock > late[node] or load > capacity:
            return False
        before = node
    return True


def read_instance(input_file):
    """Name, vehicles, capacity, (pickup, delivery) of each request, node rows, and lengths in hundredths."""
    header, rows, section = {}, {}, None
    for line in Path(input_file).read_text().splitlines():
        words = line.split()
        if ":" in line:
            field, value = line.split(":", 1)
            header[field.strip()] = value.strip()
        elif line.startswith("EOF"):
            break
        elif len(words) == 1 and words[0].endswith("_SECTION"):
            section = words[0]
        elif section == "NODE_COORD_SECTION":
            rows[int(words[0])] = [int(words[1]), int(words[2])]
        elif section == "PICKUP_AND_DELIVERY_SECTION":
            rows[int(words[0])] += [int(word) for word in words[1:]]
    nodes = range(max(rows) + 1)
    length = [[0] * len(nodes) for _ in nodes]
    for tail, (x, y, *_) in rows.items():
        for head, (other_x, other_y, *_) in rows.items():
            length[tail][head] = round(100 * math.hypot(x - other_x, y - other_y))
    demand, early, late, service = (
        [scale * rows[node][column] if node in rows else 0 for node in nodes]
        for column, scale in ((2, 1), (3, 100), (4, 100), (5, 100))
    )
    pairs = [(node, row[7]) for node, row in rows.items() if row[7]]
    fleet = int(header["VEHICLES"]), int(header["CAPACITY"])
    return header["NAME"], *fleet, pairs, (demand, early, late, service, length)


def write_routes(solution_file, name, routes):
    with open(solution_file, "w") as file:
        file.write(f"{name}\n")
        for route in routes:
            if len(route) > 2:
                file.write(" ".join(map(str, route)) + "\n")
