"""Connect four: a PettingZoo AEC env (https://pettingzoo.farama.org/api/aec/) without any package.

Two agents drop pieces into seven columns in turn; an action is a column, 0 to 6. Four in a row win (reward 1, and -1 for the
other agent). An even seed lets `you` begin, an odd one `bot`. An agent observes uint8 of shape [6, 7, 2]: its own pieces and
the other's, from the top row down; `action_mask` says which columns have room.

Each agent's pieces are one int, a bit for each place: column * 7 + row, row 0 at the bottom. The seventh bit of a column
stays empty, so that no line goes on from the top of one column to the bottom of the next.
"""

COLUMNS, ROWS, HEIGHT = 7, 6, 7


class Discrete:
    def __init__(self, n):
        self.n, self.start, self.shape = n, 0, ()


def place(column, row):
    return 1 << column * HEIGHT + row


def lines(pieces):
    """The places where a line of four begins, for each direction: up, right-down, right, right-up."""
    for step in (1, HEIGHT - 1, HEIGHT, HEIGHT + 1):
        pairs = pieces & pieces >> step
        yield step, pairs & pairs >> 2 * step


class ConnectFour:
    possible_agents = ["you", "bot"]
    metadata = {"name": "connect_four", "is_parallelizable": False, "render_modes": ["objects"]}

    def action_space(self, agent):
        return Discrete(COLUMNS)

    def observation_space(self, agent):
        return None

    def reset(self, seed=None, options=None):
        self.agents = self.possible_agents[:]
        self.agent_selection = self.agents[(seed or 0) % 2]
        self.pieces = dict.fromkeys(self.agents, 0)
        self.heights = [0] * COLUMNS
        self.moves = []
        self.rewards = dict.fromkeys(self.agents, 0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {agent: {} for agent in self.agents}

    def step(self, action):
        agent, other = self.agent_selection, self.other()
        self.agent_selection = other
        if self.terminations[agent]:
            for each in (self.agents, self.rewards, self.terminations, self.truncations, self.infos):
                each.remove(agent) if each is self.agents else each.pop(agent)
            return
        if action not in range(COLUMNS) or self.heights[action] == ROWS:
            self.agent_selection = agent
            raise ValueError(f"expected a column from 0 to {COLUMNS - 1} with room, got {action}")
        self.pieces[agent] |= place(action, self.heights[action])
        self.moves.append((agent, action, self.heights[action]))
        self.heights[action] += 1
        has_won = any(starts for _, starts in lines(self.pieces[agent]))
        self.rewards = {agent: int(has_won), other: -int(has_won)}
        self._cumulative_rewards[agent] = 0
        for each, reward in self.rewards.items():
            self._cumulative_rewards[each] += reward
        is_over = has_won or len(self.moves) == COLUMNS * ROWS
        self.terminations = dict.fromkeys(self.agents, is_over)

    def other(self):
        return self.possible_agents[self.agent_selection == "you"]

    def observe(self, agent):
        board = bytearray(ROWS * COLUMNS * 2)
        for mover, column, row in self.moves:
            board[((ROWS - 1 - row) * COLUMNS + column) * 2 + (mover != agent)] = 1
        mask = bytes(height < ROWS for height in self.heights)
        return {"observation": memoryview(board).cast("B", (ROWS, COLUMNS, 2)), "action_mask": mask}

    def render(self):
        """The pieces for a page that draws them itself: where, whose, and whether they are part of a line of four."""
        won = 0
        for pieces in self.pieces.values():
            for step, starts in lines(pieces):
                won |= starts | starts << step | starts << 2 * step | starts << 3 * step
        return [
            {
                "object_type": "piece",
                "uuid": number,
                "agent": agent,
                "column": column,
                "row": row,
                "won": bool(won & place(column, row)),
            }
            for number, (agent, column, row) in enumerate(self.moves)
        ]


env = ConnectFour()
