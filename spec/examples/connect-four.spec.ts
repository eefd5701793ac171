import { readFileSync } from 'node:fs';
import { inPyodide } from '../helpers/in-pyodide';

const [game, search] = ['connect_four', 'search'].map((name) => readFileSync(`examples/07-connect/${name}.py`, 'utf8'));

// A clock that goes on by one at each look, so that a search plays so many games, however fast the machine.
const helpers = `
from itertools import count
perf_counter = count().__next__

def played(columns, seed=0):
    env.reset(seed=seed)
    for column in columns:
        env.step(column)
    return env

def chosen(game, games, seed=1):
    tally = think(game, games, seed)
    return max(range(7), key=lambda column: tally[column][0])
`;
const answer = (code: string) => inPyodide(`${game}\n${search}\n${helpers}`, code);

describe('connect four', () => {
  it('is won by four in a row, in each direction, and by no line around the edge', () => {
    const games = `
games = {
    "up": [0, 1, 0, 1, 0, 1, 0],
    "right": [0, 0, 1, 1, 2, 2, 3],
    "right and up": [0, 1, 1, 2, 2, 3, 2, 3, 3, 6, 3],
    "right and down": [6, 5, 5, 4, 4, 3, 4, 3, 3, 0, 3],
    # places 4 and 5 of column 0, 0 and 1 of column 1 are neighbours only where columns have no gap
    "around the edge": [1, 0, 1, 0, 0, 0, 0, 6, 0],
}
answer = {name: [played(moves).rewards["you"], sum(piece["won"] for piece in env.render())] for name, moves in games.items()}
`;
    expect(answer(games)).toEqual({
      up: [1, 4],
      right: [1, 4],
      'right and up': [1, 4],
      'right and down': [1, 4],
      'around the edge': [0, 0],
    });
  });

  it('lets the seed say who begins, refuses a full column, and masks it', () => {
    const code = `
begin = [played([], seed).agent_selection for seed in (0, 1, 2)]
played([0] * 6)
try:
    env.step(0)
except ValueError as error:
    message = str(error)
answer = [begin, message, list(env.observe("you")["action_mask"]), env.agent_selection]
`;
    expect(answer(code)).toEqual([
      ['you', 'bot', 'you'],
      'expected a column from 0 to 6 with room, got 0',
      [0, 1, 1, 1, 1, 1, 1],
      'you',
    ]);
  });

  it('is searched: a win is taken, a threat is met, a full column is left out, and chance loses', () => {
    const code = `
from random import Random
draw = Random(5)

def against_chance(seed):
    game = played([], seed)
    while not any(game.terminations.values()):
        free = [column for column in range(7) if game.heights[column] < 6]
        game.step(chosen(game, 300) if game.agent_selection == "bot" else draw.choice(free))
    return game.rewards["bot"]

answer = {
    "win": chosen(played([3, 0, 3, 0, 3, 1]), 500),
    "threat": chosen(played([3, 0, 3, 0, 3]), 500),
    "full": think(played([0] * 6), 100, 1)[0],
    "games": sum(games for games, _ in think(played([]), 100, 1)),
    "seed": think(played([]), 100, 1) != think(played([]), 100, 2),
    "against chance": [against_chance(seed) for seed in range(4)],
}
`;
    expect(answer(code)).toEqual({
      win: 3,
      threat: 3,
      full: [0, 0],
      games: 99,
      seed: true,
      'against chance': [1, 1, 1, 1],
    });
  });
});
