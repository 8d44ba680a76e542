import json


def solve(input_file, solution_file):
    with open(input_file) as file:
        egraph = json.load(file)
    cheapest = {}
    for name, node in egraph["nodes"].items():
        best = cheapest.get(node["eclass"])
        if best is None or node["cost"] < egraph["nodes"][best]["cost"]:
            cheapest[node["eclass"]] = name
    chosen = [cheapest[root] for root in egraph["root_eclasses"]]
    with open(solution_file, "w") as file:
        json.dump(chosen, file)
