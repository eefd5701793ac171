"""Monte Carlo tree search (https://en.wikipedia.org/wiki/Monte_Carlo_tree_search) in the position of a ConnectFour.

It stands behind connect_four.py in one source, and keeps nothing: what it knows when the time is up is what it returns.
"""

from math import log, sqrt
from random import Random
from time import perf_counter

FULL = [column * HEIGHT + ROWS for column in range(COLUMNS)]


class Node:
    """A position, by the points of who has just moved into it: 1 for each game won, 0.5 for each draw."""

    __slots__ = ("visits", "points", "has_won", "untried", "children")

    def __init__(self, has_won, tops, draw):
        self.visits, self.points, self.has_won, self.children = 0, 0.0, has_won, {}
        self.untried = [] if has_won else [column for column in range(COLUMNS) if tops[column] < FULL[column]]
        draw.shuffle(self.untried)


def wins(pieces):
    pairs = pieces & pieces >> 7
    if pairs & pairs >> 14:
        return True
    pairs = pieces & pieces >> 6
    if pairs & pairs >> 12:
        return True
    pairs = pieces & pieces >> 8
    if pairs & pairs >> 16:
        return True
    pairs = pieces & pieces >> 1
    return pairs & pairs >> 2 != 0


def played_out(mine, theirs, tops, random):
    """The points of who is to move, in a game of random moves."""
    open_columns = [column for column in range(COLUMNS) if tops[column] < FULL[column]]
    is_me = True
    while open_columns:
        column = open_columns[int(random() * len(open_columns))]
        mine |= 1 << tops[column]
        if wins(mine):
            return 1.0 if is_me else 0.0
        tops[column] += 1
        if tops[column] == FULL[column]:
            open_columns.remove(column)
        mine, theirs, is_me = theirs, mine, not is_me
    return 0.5


def think(game, seconds, seed):
    """Plays games from the game's position on for so many seconds. Returns for each column how many went there, and the
    points that they brought to who is to move."""
    until = perf_counter() + seconds
    draw = Random(seed)  # its own: `random` has the same state in all members, that of the game
    agent, other = game.agent_selection, game.other()
    first = [column * HEIGHT + height for column, height in enumerate(game.heights)]
    root = Node(False, first, draw)
    while perf_counter() < until:
        node, path, tops = root, [root], first[:]
        mine, theirs = game.pieces[agent], game.pieces[other]
        is_new = False
        while not node.has_won and not is_new and (node.untried or node.children):
            is_new = bool(node.untried)
            if is_new:
                column = node.untried.pop()
            else:
                wide = 1.4 * sqrt(log(node.visits))
                column = max(node.children, key=lambda each: bound(node.children[each], wide))
            mine |= 1 << tops[column]
            tops[column] += 1
            if is_new:
                node.children[column] = Node(wins(mine), tops, draw)
            node = node.children[column]
            path.append(node)
            mine, theirs = theirs, mine
        points = 1.0 if node.has_won else 1 - played_out(mine, theirs, tops, draw.random)
        for each in reversed(path):
            each.visits += 1
            each.points += points
            points = 1 - points
    tried = [root.children.get(column) for column in range(COLUMNS)]
    return [[node.visits, node.points] if node else [0, 0.0] for node in tried]


def bound(node, wide):
    return node.points / node.visits + wide / sqrt(node.visits)
