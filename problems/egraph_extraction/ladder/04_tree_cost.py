import heapq
import json


def solve(input_file, solution_file):
    with open(input_file) as file:
        egraph = json.load(file)
    nodes = egraph["nodes"]
    owner = {name: node["eclass"] for name, node in nodes.items()}
    children = {name: {owner[child] for child in node["children"]} for name, node in nodes.items()}
    users = {}
    for name, below in children.items():
        for child in below:
            users.setdefault(child, []).append(name)
    missing = {name: len(below) for name, below in children.items()}
    total = {name: max(0, node["cost"]) for name, node in nodes.items()}
    heap = [(total[name], name) for name, count in missing.items() if count == 0]
    heapq.heapify(heap)
    chosen = {}
    # The cheapest node whose children are settled settles its class: Dijkstra's algorithm on and-or graphs.
    while heap:
        cost, name = heapq.heappop(heap)
        if owner[name] in chosen:
            continue
        chosen[owner[name]] = name
        for user in users.get(owner[name], ()):
            missing[user] -= 1
            total[user] += cost
            if missing[user] == 0 and owner[user] not in chosen:
                heapq.heappush(heap, (total[user], user))
    order = list(dict.fromkeys(egraph["root_eclasses"]))
    seen = set(order)
    for current in order:
        for child in sorted(children[chosen[current]]):
            if child not in seen:
                seen.add(child)
                order.append(child)
    with open(solution_file, "w") as file:
        json.dump([chosen[current] for current in order], file)
