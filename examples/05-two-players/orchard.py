"""An orchard for two: whoever picks an apple gets a point, and so does the other one, half of it.

A PettingZoo parallel env (https://pettingzoo.farama.org/api/parallel/) without any package. Agents act at the same time:
0 stays, 1 to 8 go up, up right, right, … clockwise. Each observes float32 [right, down, right, down]: the way to the nearest
apple, then to the other agent, in fields.
"""

import random
from array import array

WIDTH, HEIGHT, APPLES, LENGTH = 16, 9, 5, 240
MOVES = [(0, 0), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)]
TREES = ((3, 2), (3, 6), (7, 4), (8, 4), (12, 2), (12, 6))
COLOURS = {"you": "#0d9488", "bot": "#d97706"}


class Discrete:
    def __init__(self, n):
        self.n, self.start, self.shape = n, 0, ()


class Orchard:
    possible_agents = ["you", "bot"]
    metadata = {"render_modes": ["objects"], "render_fps": 6}

    def __init__(self):
        self.random = random.Random()

    def action_space(self, agent):
        return Discrete(len(MOVES))

    def observation_space(self, agent):
        return None

    def reset(self, seed=None, options=None):
        if seed is not None:
            self.random.seed(seed)
        self.agents = self.possible_agents[:]
        self.places = {"you": (1, 4), "bot": (WIDTH - 2, 4)}
        self.baskets = dict.fromkeys(self.agents, 0)
        self.apples, self.grown, self.steps = {}, 0, 0
        while len(self.apples) < APPLES:
            self.grow()
        return self.observations(), {agent: {} for agent in self.agents}

    def step(self, actions):
        self.steps += 1
        rewards = dict.fromkeys(self.agents, 0.0)
        # who has moved last goes first next time
        order = self.agents if self.steps % 2 else self.agents[::-1]
        for agent in order:
            self.places[agent] = self.moved(agent, MOVES[actions[agent]])
            if self.apples.pop(self.places[agent], None) is not None:
                self.baskets[agent] += 1
                for each in self.agents:
                    rewards[each] += 1.0 if each == agent else 0.5
                self.grow()
        is_over = self.steps >= LENGTH
        infos = {agent: {"basket": self.baskets[agent]} for agent in self.agents}
        return (
            self.observations(),
            rewards,
            dict.fromkeys(self.agents, False),
            dict.fromkeys(self.agents, is_over),
            infos,
        )

    def moved(self, agent, move):
        """Where a move leads: past trees and the other agent, along walls, or nowhere."""
        x, y = self.places[agent]
        other = self.places[self.possible_agents[1 - self.possible_agents.index(agent)]]
        parts = ((move[0], 0), (0, move[1]))
        past = ((move[0], side) if move[0] else (side, move[1]) for side in (1, -1))
        for dx, dy in (move, *(parts if all(move) else past)):
            place = (x + dx, y + dy)
            if 0 <= place[0] < WIDTH and 0 <= place[1] < HEIGHT and place not in TREES and place != other:
                return place
        return x, y

    def grow(self):
        free = [
            (x, y)
            for x in range(WIDTH)
            for y in range(HEIGHT)
            if (x, y) not in TREES and (x, y) not in self.apples and (x, y) not in self.places.values()
        ]
        self.grown += 1
        self.apples[self.random.choice(free)] = self.grown

    def observations(self):
        def way(a, b):
            return b[0] - a[0], b[1] - a[1]

        seen = {}
        for agent, other in zip(self.agents, self.agents[::-1]):
            place = self.places[agent]
            apples = sorted(self.apples, key=lambda apple: (max(map(abs, way(place, apple))), self.apples[apple]))
            seen[agent] = array("f", [*way(place, apples[0]), *way(place, self.places[other])])
        return seen

    def render(self):
        def at(place):
            return {"x": (place[0] + 0.5) / WIDTH, "y": (place[1] + 0.5) / HEIGHT}

        field = 1 / WIDTH
        drawn = [
            {"object_type": "rect", "uuid": "ground", "x": 0, "y": 0, "w": 1, "h": 1, "color": "#e7f3df", "depth": 0}
        ]
        for tree in TREES:
            drawn.append({"object_type": "circle", "uuid": f"tree {tree}", **at(tree), "radius": 0.47 * field, "color": "#3f7d3a", "depth": 1})
        for apple, number in self.apples.items():
            drawn.append({"object_type": "circle", "uuid": f"apple {number}", **at(apple), "radius": 0.2 * field, "color": "#dc2626", "depth": 2})
        for agent, place in self.places.items():
            drawn.append(
                {
                    "object_type": "circle",
                    "uuid": agent,
                    **at(place),
                    "radius": 0.4 * field,
                    "color": COLOURS[agent],
                    "stroke_color": "#ffffff",
                    "stroke_width": 0.06 * field,
                    "depth": 3,
                    "tween": True,
                    "tween_duration": 150,
                }
            )
        return drawn


env = Orchard()
