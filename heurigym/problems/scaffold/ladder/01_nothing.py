def solve(input_file, solution_file):
    open(solution_file, "w").close()
