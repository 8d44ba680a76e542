import json


def solve(input_file, solution_file):
    with open(input_file) as file:
        egraph = json.load(file)
    chosen = {}
    for node in egraph["nodes"]:
        chosen[node["eclass"]] = node
    with open(solution_file, "w") as file:
        json.dump(list(chosen), file)
