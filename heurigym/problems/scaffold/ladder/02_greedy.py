import json


def solve(input_file, solution_file):
    with open(input_file) as file:
        data = json.load(file)
    left = data["capacity"]
    with open(solution_file, "w") as file:
        for position, weight in sorted(enumerate(data["weights"]), key=lambda item: -item[1]):
            if weight <= left:
                left -= weight
                print(position, file=file)
