import heapq
import json
import math
import random


class EGraph:
    def __init__(self, content):
        names = list(content["nodes"])
        classes = {}
        self.names = names
        self.owner = [classes.setdefault(str(content["nodes"][name]["eclass"]), len(classes)) for name in names]
        index = {name: number for number, name in enumerate(names)}
        self.cost = [content["nodes"][name]["cost"] for name in names]
        self.children = [
            sorted({self.owner[index[child]] for child in content["nodes"][name]["children"]}) for name in names
        ]
        self.roots = [classes[str(root)] for root in dict.fromkeys(content["root_eclasses"])]
        self.members = [[] for _ in classes]
        self.users = [[] for _ in classes]
        for number, own in enumerate(self.owner):
            self.members[own].append(number)
            for child in self.children[number]:
                self.users[child].append(number)

    def tree_choice(self):
        missing = [len(below) for below in self.children]
        total = [max(0, cost) for cost in self.cost]
        heap = [(total[node], node) for node, count in enumerate(missing) if count == 0]
        heapq.heapify(heap)
        chosen = [-1] * len(self.members)
        while heap:
            cost, node = heapq.heappop(heap)
            own = self.owner[node]
            if chosen[own] >= 0:
                continue
            chosen[own] = node
            for user in self.users[own]:
                missing[user] -= 1
                total[user] += cost
                if missing[user] == 0 and chosen[self.owner[user]] < 0:
                    heapq.heappush(heap, (total[user], user))
        return chosen

    def needed(self, chosen):
        order = list(self.roots)
        seen = set(order)
        for current in order:
            for child in self.children[chosen[current]]:
                if child not in seen:
                    seen.add(child)
                    order.append(child)
        return order

    def write(self, chosen, path):
        with open(path, "w") as file:
            json.dump([self.names[chosen[current]] for current in self.needed(chosen)], file)


class Search:
    """A program with reference counts: a move pays for what changes and not for the whole program."""

    def __init__(self, egraph, chosen):
        self.egraph = egraph
        self.chosen = chosen
        self.uses = [0] * len(chosen)
        self.fresh = []
        for root in egraph.roots:
            self.uses[root] += 1
        for root in egraph.roots:
            if self.uses[root] == 1:
                self.take(chosen[root])

    def take(self, node):
        """Add what a node needs; the cost of that, and the classes that are new in fresh."""
        egraph, chosen, uses = self.egraph, self.chosen, self.uses
        self.fresh = []
        total = egraph.cost[node]
        stack = [node]
        while stack:
            for child in egraph.children[stack.pop()]:
                uses[child] += 1
                if uses[child] == 1:
                    self.fresh.append(child)
                    total += egraph.cost[chosen[child]]
                    stack.append(chosen[child])
        return total

    def drop(self, node):
        """Remove what only a node needs; the cost of that and of the node."""
        egraph, chosen, uses = self.egraph, self.chosen, self.uses
        total = egraph.cost[node]
        stack = [node]
        while stack:
            for child in egraph.children[stack.pop()]:
                uses[child] -= 1
                if uses[child] == 0:
                    total += egraph.cost[chosen[child]]
                    stack.append(chosen[child])
        return total

    def undo_take(self, node):
        for own in [node, *(self.chosen[child] for child in self.fresh)]:
            for child in self.egraph.children[own]:
                self.uses[child] -= 1

    def has_cycle(self, begin):
        """Whether a class comes back to itself, or a fresh one does; counts as one if the way is long."""
        state = {}
        for first in [begin, *self.fresh]:
            if first in state:
                continue
            state[first] = 1
            path = [(first, iter(self.egraph.children[self.chosen[first]]))]
            while path:
                child = next(path[-1][1], None)
                if child is None:
                    state[path.pop()[0]] = 2
                elif child not in state:
                    if len(state) > 2000:
                        return True
                    state[child] = 1
                    path.append((child, iter(self.egraph.children[self.chosen[child]])))
                elif state[child] == 1:
                    return True
        return False


def anneal(egraph, chosen, moves, source):
    search = Search(egraph, chosen)
    needed = [current for current, count in enumerate(search.uses) if count and len(egraph.members[current]) > 1]
    paid = sorted(abs(egraph.cost[chosen[current]]) for current in needed if egraph.cost[chosen[current]])
    unit = paid[len(paid) // 2] if paid else 1.0
    excess, best = 0.0, list(chosen)
    for move in range(moves):
        if move % 2000 == 0:
            needed = [own for own, count in enumerate(search.uses) if count and len(egraph.members[own]) > 1]
            if not needed:
                return chosen
        current = source.choice(needed)
        if not search.uses[current]:
            continue
        old, new = chosen[current], source.choice(egraph.members[current])
        if new == old or current in egraph.children[new]:
            continue
        temperature = unit * 0.5 * 0.02 ** (move / moves)
        change = -search.drop(old)
        chosen[current] = new
        change += search.take(new)
        accepted = change <= 0 or source.random() < math.exp(-change / temperature)
        if accepted and not search.has_cycle(current):
            excess += change
            if excess < -1e-12:
                excess, best = 0.0, list(chosen)
        else:
            search.undo_take(new)
            chosen[current] = old
            search.take(old)
    return best


def solve(input_file, solution_file):
    with open(input_file) as file:
        egraph = EGraph(json.load(file))
    egraph.write(anneal(egraph, egraph.tree_choice(), 60_000, random.Random(0)), solution_file)
