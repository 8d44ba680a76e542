"""Large neighbourhood search with annealing: strings of stops leave neighbouring routes and are put back greedily.

The number of steps is fixed, so that every run gives the same and stays far inside the time limit.
"""

import math
import random
from itertools import pairwise
from pathlib import Path

STEPS_EACH = 100
MOST_STEPS, LEAST_STEPS = 200_000, 600
"""Steps for each request; in all at most the second number divided by the requests, but the third at least."""
HOT, COLD = 0.3, 0.003
"""First and last temperature in mean arcs."""


def solve(input_file, solution_file):
    name, vehicles, capacity, pairs, data = read_instance(input_file)
    search = Search(vehicles, capacity, pairs, data)
    steps = min(STEPS_EACH * len(pairs), max(LEAST_STEPS, MOST_STEPS // len(pairs)))
    arc = sum(search.routes.cost) / (2 * len(pairs))
    best, best_cost = None, math.inf
    for step in range(2 * steps):
        if step >= steps and best:
            break
        temperature = HOT * arc * (COLD / HOT) ** min(1, step / steps)
        spare = -temperature * math.log(1 - search.source.random())
        if search.step(strings(search), lambda change, spare=spare: change < spare) and not search.absent:
            cost = sum(search.routes.cost)
            if cost < best_cost:
                best, best_cost = list(search.routes.stops), cost
    write_routes(solution_file, name, best or search.routes.stops)


def strings(search):
    """Requests with a stop on one of one to three strings of up to eight stops, each in a route near the first."""
    source, leaving, routes = search.source, {}, set()
    wanted = source.randint(1, 3)
    for node in search.near[source.choice(list(search.near))]:
        route = search.route_of[search.request_of[node]]
        if route is None or route in routes:
            continue
        routes.add(route)
        stops = search.routes.stops[route]
        count = source.randint(1, min(8, len(stops) - 2))
        place = stops.index(node)
        first = source.randint(max(1, place - count + 1), min(place, len(stops) - 1 - count))
        for stop in stops[first : first + count]:
            leaving[search.request_of[stop]] = True
        if len(routes) == wanted:
            break
    return list(leaving)


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


class Search:
    """Large neighbourhood search: take out, put back at the cheapest places, keep or undo."""

    def __init__(self, vehicles, capacity, pairs, data):
        self.routes = Routes(vehicles, capacity, pairs, data)
        self.source = random.Random(1)
        self.route_of = [None] * len(pairs)
        self.request_of = {node: request for request, pair in enumerate(pairs) for node in pair}
        nodes = sorted(self.request_of)
        self.near = {node: sorted(nodes, key=data[4][node].__getitem__) for node in nodes}
        self.put_back(list(range(len(pairs))), set())

    @property
    def absent(self):
        return [request for request, route in enumerate(self.route_of) if route is None]

    def put_back(self, requests, touched):
        """Insert requests one after the other; those that fit nowhere stay absent."""
        for request in requests:
            best, is_empty_seen = None, False
            for route, stops in enumerate(self.routes.stops):
                if len(stops) == 2:
                    if is_empty_seen:
                        continue
                    is_empty_seen = True
                found = self.routes.insertion(request, route)
                if found and (best is None or found < best[0]):
                    best = found, route
            if best:
                (_, place, other), route = best
                touched.add(route)
                self.routes.insert(request, route, place, other)
                self.route_of[request] = route

    def step(self, leaving, accept):
        """One step; whether it was kept. Fewer absent requests are always better."""
        absent = self.absent
        if not leaving and not absent:
            return False
        cost = sum(self.routes.cost)
        before = {request: self.route_of[request] for request in (*leaving, *absent)}
        saved = {route: self.routes.saved(route) for route in range(len(self.routes.stops))}
        touched = set()
        for route in sorted({self.route_of[request] for request in leaving}):
            touched.add(route)
            self.routes.remove([request for request in leaving if self.route_of[request] == route], route)
        for request in leaving:
            self.route_of[request] = None
        self.put_back(self.ordered([*leaving, *absent]), touched)
        missing = len(self.absent)
        if missing < len(absent) or (missing == len(absent) and accept(sum(self.routes.cost) - cost)):
            return True
        for route in touched:
            self.routes.restore(route, saved[route])
        for request, route in before.items():
            self.route_of[request] = route
        return False

    def ordered(self, requests):
        """In a random order, or the largest loads, the farthest, or the narrowest windows first."""
        routes, pairs = self.routes, self.routes.pairs
        self.source.shuffle(requests)
        kind = self.source.randrange(4)
        if kind == 1:
            requests.sort(key=lambda request: -routes.demand[pairs[request][0]])
        elif kind == 2:
            requests.sort(key=lambda request: -sum(routes.length[1][node] for node in pairs[request]))
        elif kind == 3:
            requests.sort(key=lambda pick: sum(routes.late[node] - routes.early[node] for node in pairs[pick]))
        return requests
