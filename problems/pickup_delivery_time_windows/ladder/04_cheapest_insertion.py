"""Inserts the requests in the order of the file, each where it costs least; a new route only where none has room.

It may need more vehicles than there are.
"""

import math
from itertools import pairwise
from pathlib import Path


def solve(input_file, solution_file):
    name, _, capacity, pairs, data = read_instance(input_file)
    routes = Routes(len(pairs), capacity, pairs, data)
    used = 0
    for request in range(len(pairs)):
        found = [(routes.insertion(request, route), route) for route in range(used)]
        best = min((item for item in found if item[0]), default=None)
        if best is None:
            best = routes.insertion(request, used), used
            used += 1
        (_, place, other), route = best
        routes.insert(request, route, place, other)
    write_routes(solution_file, name, routes.stops)


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


class Routes:
    """Routes with times and loads at each stop, and the cheapest insertion of each request into each of them."""

    def __init__(self, vehicles, capacity, pairs, data):
        self.pairs, self.capacity = pairs, capacity
        self.demand, self.early, self.late, self.service, self.length = data
        self.known = {}
        self.stops, self.start, self.limit, self.load, self.cost = ([None] * vehicles for _ in range(5))
        for route in range(vehicles):
            self.set(route, [1, 1])

    def set(self, route, stops):
        start, load, cost = [self.early[1]], [0], 0
        for before, node in pairwise(stops):
            arc = self.length[before][node]
            cost += arc
            start.append(max(start[-1] + self.service[before] + arc, self.early[node]))
            load.append(load[-1] + self.demand[node])
        limit = [self.late[1]]
        for node, after in zip(stops[-2::-1], stops[:0:-1], strict=True):
            limit.append(min(self.late[node], limit[-1] - self.length[node][after] - self.service[node]))
        limit.reverse()
        self.stops[route], self.start[route], self.limit[route] = stops, start, limit
        self.load[route], self.cost[route] = load, cost
        self.known[route] = {}

    def saved(self, route):
        times = self.stops[route], self.start[route], self.limit[route]
        return *times, self.load[route], self.cost[route], self.known[route]

    def restore(self, route, saved):
        self.stops[route], self.start[route], self.limit[route] = saved[:3]
        self.load[route], self.cost[route], self.known[route] = saved[3:]

    def insertion(self, request, route):
        """Cost, and the places behind which pickup and delivery go; None where there is no feasible one."""
        known = self.known[route]
        if request not in known:
            known[request] = self.cheapest(request, route)
        return known[request]

    def cheapest(self, request, route):
        length, early, late, service = self.length, self.early, self.late, self.service
        stops, start, limit, load = self.stops[route], self.start[route], self.limit[route], self.load[route]
        pickup, delivery = self.pairs[request]
        room = self.capacity - self.demand[pickup]
        from_pickup, from_delivery = length[pickup], length[delivery]
        best, found = 10**18, None
        for place in range(len(stops) - 1):
            before, after = stops[place], stops[place + 1]
            clock = max(start[place] + service[before] + from_pickup[before], early[pickup])
            if clock > late[pickup]:
                break
            if load[place] > room:
                continue
            detour = from_pickup[before] - length[before][after]
            leave = clock + service[pickup]
            clock = max(leave + from_pickup[delivery], early[delivery])
            cost = detour + from_pickup[delivery] + from_delivery[after]
            arrival = clock + service[delivery] + from_delivery[after]
            if cost < best and clock <= late[delivery] and arrival <= limit[place + 1]:
                best, found = cost, (cost, place, place)
            detour += from_pickup[after]
            if detour >= best:
                continue
            clock = max(leave + from_pickup[after], early[after])
            for other in range(place + 1, len(stops) - 1):
                if clock > limit[other] or load[other] > room:
                    break
                node, behind = stops[other], stops[other + 1]
                leave = clock + service[node]
                clock = max(leave + from_delivery[node], early[delivery])
                if clock > late[delivery]:
                    break
                cost = detour + from_delivery[node] + from_delivery[behind] - length[node][behind]
                if cost < best and clock + service[delivery] + from_delivery[behind] <= limit[other + 1]:
                    best, found = cost, (cost, place, other)
                clock = max(leave + length[node][behind], early[behind])
        return found

    def insert(self, request, route, place, other):
        pickup, delivery = self.pairs[request]
        stops = self.stops[route]
        middle = [*stops[: place + 1], pickup, *stops[place + 1 : other + 1], delivery]
        self.set(route, middle + stops[other + 1 :])

    def remove(self, requests, route):
        gone = {node for request in requests for node in self.pairs[request]}
        self.set(route, [node for node in self.stops[route] if node not in gone])
