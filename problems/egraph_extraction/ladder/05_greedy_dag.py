import heapq
import json


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

    def dag_cost(self, node, chosen, limit, budget):
        """Cost of a node with all that it needs; limit if that is no less or comes back to its class."""
        own = self.owner[node]
        total = self.cost[node]
        seen = set()
        stack = [node]
        while stack:
            for child in self.children[stack.pop()]:
                if child == own or chosen[child] < 0:
                    return limit
                if child not in seen:
                    seen.add(child)
                    total += self.cost[chosen[child]]
                    stack.append(chosen[child])
            if total >= limit:
                break
        budget[0] -= len(seen) + 1
        return min(total, limit)

    def write(self, chosen, path):
        with open(path, "w") as file:
            json.dump([self.names[chosen[current]] for current in self.needed(chosen)], file)


def dag_choice(egraph, budget):
    chosen = egraph.tree_choice()
    value = {}
    # First the classes that the tree-cost program needs, from the leaves up; then whatever uses what has changed.
    queue = list(reversed(egraph.needed(chosen)))
    queued = set(queue)
    for current in queue:
        queued.discard(current)
        if budget[0] < 0:
            break
        best = egraph.dag_cost(chosen[current], chosen, float("inf"), budget)
        changed = False
        for node in egraph.members[current]:
            cost = egraph.dag_cost(node, chosen, best, budget)
            if cost < best - 1e-12:
                best, chosen[current], changed = cost, node, True
        value[current] = best
        if changed:
            for user in egraph.users[current]:
                above = egraph.owner[user]
                if above in value and above not in queued:
                    queued.add(above)
                    queue.append(above)
    return chosen


def solve(input_file, solution_file):
    with open(input_file) as file:
        egraph = EGraph(json.load(file))
    egraph.write(dag_choice(egraph, [3_000_000]), solution_file)
