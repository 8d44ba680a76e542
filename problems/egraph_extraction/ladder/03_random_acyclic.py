import json
import random


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
    ready = [name for name, count in missing.items() if count == 0]
    source = random.Random(0)
    chosen = {}
    # A class is settled by a node whose children are all settled, so no cycle can come of it.
    while ready:
        index = source.randrange(len(ready))
        ready[index], ready[-1] = ready[-1], ready[index]
        name = ready.pop()
        if owner[name] in chosen:
            continue
        chosen[owner[name]] = name
        for user in users.get(owner[name], ()):
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)
    order = list(dict.fromkeys(egraph["root_eclasses"]))
    seen = set(order)
    for current in order:
        for child in sorted(children[chosen[current]]):
            if child not in seen:
                seen.add(child)
                order.append(child)
    with open(solution_file, "w") as file:
        json.dump([chosen[current] for current in order], file)
