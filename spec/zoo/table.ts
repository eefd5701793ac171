// The envs of the zoo. Each is like a kind of env that people bring.
import type { EnvSpec } from '../../src/index';
import type { Kind, Pass, Row as Played } from './passes.mjs';

/** An env, and what is expected of it. */
export interface Row extends Played {
  /** What each pass comes to, beside `equal`: the beginning of the verdict, and why it cannot be `equal`. */
  readonly expected?: Partial<Record<Pass, readonly [verdict: string, because: string]>>;
  /** What `ready$` says, among other things. */
  readonly ready?: object;
  /** What the first step is, among other things. */
  readonly first?: object;
  /** What the first frame is, among other things. */
  readonly frame?: object;
  /** What `frames$` shows. Default: nothing is watched. */
  readonly frames?: string;
  /** The kinds of problems that its pictures make. */
  readonly problems?: string;
}

type More = Partial<Omit<Row, 'name' | 'kind'>>;

const three = [0, 1, 2];

/** `zoo.<module>:<factory>`. */
const row =
  (kind: Kind, module: string, actions: readonly unknown[] = three) =>
  (name: string, factory: string, more: More = {}, kwargs?: Record<string, string>): Row => ({
    name,
    kind,
    actions,
    spec: { entryPoint: `zoo.${module}:${factory}`, ...(kwargs && { kwargs }) },
    ...more,
  });

const notCopied = 'nothing copies what it holds';
const refused = { state: ['refused: StateError', notCopied] } as const;
/** State that no object of the env's has. */
const elsewhere = 'the state is not in the env: a module, a class or a function has it';

const refusedAll = (verdict: string, because: string): NonNullable<Row['expected']> => ({
  steps: [verdict, because],
  state: [`before it: ${verdict}`, because],
  deaths: [verdict, because],
  rollout: ['refused: ', because],
});

const keeping = row('single', 'keeping');
const stateful: readonly Row[] = [
  keeping('state in a dict', 'InDict'),
  keeping('state in slots', 'InSlots'),
  keeping('state in slots and in a dict', 'HalfSlots'),
  keeping('state in dataclasses, frozen, with slots, and plain', 'InDataclasses'),
  keeping('state in namedtuples', 'InNamedtuples'),
  keeping('state in enums and flags', 'InEnums'),
  keeping('state in deques, counters, ordered and default dicts', 'InCollections'),
  keeping('a default dict of a lambda', 'InLambdaDefaults'),
  keeping('memoryviews that are views of one buffer', 'InViews'),
  keeping('an array, a shaped view of it, and the array itself as observation', 'InArrays'),
  keeping('cells that know their board and each other', 'InCycles'),
  keeping('a generator as attribute', 'InGenerators', { expected: refused }),
  keeping('several random generators, one of them shared', 'InRandoms'),
  keeping("the draws of Python's own generator", 'InGlobalRandom', { alone: true }),
  keeping('partials and bound methods', 'InPartials'),
  keeping('lambdas as attributes', 'InLambdas'),
  keeping('a counter in a closure', 'InClosures'),
  keeping('a class made in a function', 'in_function'),
  keeping('weak references', 'InWeakrefs'),
  keeping('iterators of itertools', 'InIterators', { expected: refused }),
  keeping('iterators of lists', 'InListIterators'),
  keeping('state inside objects of C', 'InCObjects', { expected: refused }),
  keeping('state inside objects of C, told by get_state', 'OwnOverC'),
  keeping('a get_state that forgets the generator', 'OwnThatForgets'),
  keeping('a get_state that wants an argument', 'OwnThatRaises'),
  keeping('a lock, a logger, a module and a file in memory', 'WithLock'),
  keeping('sets', 'InSets'),
  keeping('objects as keys, by their identity', 'InIdentity'),
  keeping('fractions, complex numbers, infinities', 'InNumbers', { withoutInfo: true }),
  keeping('a part that neither compares nor has a repr', 'InTouchy'),
  keeping('a metaclass that counts', 'InMetaclass'),
  keeping('a singleton', 'InSingleton'),
  keeping('attributes that cannot be set from outside', 'Guarded'),
  keeping('a buffer of 2 MiB', 'Large'),
  keeping('a counter on the class', 'InClass'),
  keeping("a module's own names", 'InModule'),
  keeping('a default argument, and a name on a function', 'InDefaults', {
    expected: { state: ['different', elsewhere] },
  }),
];

const painting = row('single', 'painting');
const painted: readonly Row[] = [
  painting('surfaces that are drawn on and seen, a part of one, a colour, a font', 'Canvas'),
  painting('a window, a clock and a font that the first picture makes', 'Window', { shows: true, frames: 'pixels' }),
  painting('a font that comes with the first step', 'Labels', {
    expected: { state: ['refused: StateError', 'a font cannot be made again, and a new env has none at its place'] },
  }),
];

const forgetting = row('single', 'forgetting');
const forgetful: readonly Row[] = [
  forgetting("pickled by the constructor's arguments", 'ByArguments'),
  forgetting("a part that is pickled by the constructor's arguments", 'PartByArguments'),
  forgetting('a __deepcopy__ that makes a new one', 'CopiedFresh'),
  forgetting('a __reduce__ that makes a new one', 'ReducedFresh'),
  forgetting('a __reduce_ex__ that makes a new one', 'ReducedFreshEx'),
  forgetting('a __getstate__ without the generator', 'ForgetsGenerator'),
  forgetting('copies refused', 'RefusesCopies', {
    expected: { state: ['refused: StateError', 'what a class refuses is not taken from it'] },
  }),
  forgetting('a __deepcopy__ that shares a list', 'HalfCopied'),
  forgetting('a __setstate__ that begins anew', 'SetsTooMuch'),
];

const wrapping = row('single', 'wrapping');
const wrapped: readonly Row[] = [
  wrapping('a wrapper with counters of its own', 'counted'),
  wrapping('three wrappers, two of a kind', 'twice_counted'),
  wrapping('a wrapper that stacks observations', 'stacked'),
  wrapping('a wrapper that passes on what it lacks', 'passing'),
  wrapping("a wrapper that knows the env's generator", 'looking'),
  wrapping('a wrapper around a get_state', 'counted_own'),
  wrapping('a wrapper around objects of C', 'counted_c', { expected: refused }),
  wrapping('a step that was replaced from outside', 'patched'),
  wrapping('a __getattr__ that raises KeyError', 'Unfound'),
  wrapping('a __getattr__ that has everything', 'Boundless'),
];

const answering = row('single', 'answering');
const observed = (form: string, more: More = {}): Row =>
  answering(`observations: ${form}`, 'Observations', more, { form });
const rewarded = (form: string, more: More = {}): Row => answering(`rewards: ${form}`, 'Rewards', more, { form });
const informed = (form: string, more: More = {}): Row => answering(`infos: ${form}`, 'Infos', more, { form });
const answers: readonly Row[] = [
  answering('four values, and the observation alone', 'FourValues'),
  answering('four values, and None for the info', 'FourWithoutInfo'),
  answering('None for the info of a reset', 'ResetWithoutInfo'),
  answering('a list from reset', 'ResetList'),
  answering('a pair of numbers alone from reset', 'ResetBare'),
  answering('a reset that takes nothing', 'NoSeed', { withoutSeed: true }),
  rewarded('bool', { first: { reward: 0 } }),
  rewarded('scalar'),
  rewarded('flag scalar', { first: { reward: 0 } }),
  rewarded('big', { first: { reward: 2 ** 70 } }),
  rewarded('infinite'),
  rewarded('nan', { first: { reward: NaN } }),
  rewarded('list'),
  rewarded('tuple'),
  rewarded('array'),
  answering('flags that are scalars', 'FlagScalars'),
  answering('flags that are numbers and None', 'FlagNumbers'),
  informed('none'),
  informed('objects', { withoutInfo: true }),
  informed('keys'),
  informed('loop', { withoutInfo: true }),
  informed('proxy', { first: { info: { steps: 1 } } }),
  informed('deque', { first: { info: { recent: [1, 2] } } }),
  observed('none', { first: { observation: null } }),
  observed('text'),
  observed('bytes'),
  observed('flag'),
  observed('nested'),
  observed('int keys', { first: { observation: expect.any(Map) as object } }),
  observed('kept'),
  observed('deque', { first: { observation: [expect.any(Number), 1] } }),
  observed('proxy', { first: { observation: { at: expect.any(Number) as number } } }),
  observed('values', { first: { observation: [expect.any(Number)] } }),
  observed('lazy', { first: { observation: { dtype: 'float64', shape: [2] } } }),
  observed('int64', { first: { observation: { dtype: 'int64' } } }),
  observed('empty', { first: { observation: { shape: [0] } } }),
  observed('range'),
  observed('simple', { first: { observation: { __class__: 'SimpleNamespace' } } }),
  rewarded('none', { expected: refusedAll('refused: TypeError', 'None is no reward') }),
  rewarded('objectives', { expected: refusedAll('refused: TypeError', 'a dict of rewards is several agents’') }),
  rewarded('text', { expected: refusedAll('refused: TypeError', 'text is no reward') }),
  answering('steps that raise after a change', 'Raising', {
    expected: { rollout: ['refused: PythonError', 'a step that raises ends a rollout'] },
  }),
  answering('a question on the console', 'Asking', {
    expected: { rollout: ['refused: PythonError', 'a step that raises ends a rollout'] },
  }),
  answering('prints in half lines', 'Printing'),
  answering('warnings', 'Warning_'),
];

const describing = row('single', 'describing');
const spaced = (kind: string, space: object): Row =>
  describing(`spaces: ${kind}`, 'Spaces', { ready: { observationSpace: space } }, { kind });
/** Acts with one action only, in the form in which the page has it. */
const acting = (kind: string, action: unknown, came: unknown, tuples = false): Row =>
  describing(
    `actions: ${kind}`,
    'Acting',
    { actions: [action], tuples, first: { observation: [expect.any(Number), came] } },
    { kind },
  );
const described: readonly Row[] = [
  spaced('Discrete', { type: 'Discrete', n: 3, start: 1 }),
  spaced('Box', { type: 'Box', shape: [4], low: -1, high: 1 }),
  spaced('MultiBinary', { type: 'MultiBinary', n: 3 }),
  spaced('MultiDiscrete', { type: 'MultiDiscrete', shape: [2] }),
  spaced('Text', { type: 'Text', max_length: 5 }),
  spaced('Dict', { type: 'Dict' }),
  spaced('Dict of ints', { type: 'Dict', spaces: new Map([[0, expect.anything()], [1, expect.anything()]]) }), // prettier-ignore
  spaced('Tuple', { type: 'Tuple', spaces: [{ n: 2 }, { n: 3 }] }),
  spaced('OneOf', { type: 'OneOf' }),
  spaced('Sequence', { type: 'Sequence', feature_space: { n: 4 } }),
  acting('Discrete', 1, 'int 1'),
  acting('MultiBinary', [1, 0, 1], ['list', 'int 1', 'int 0', 'int 1']),
  acting('Tuple', [1, 2], ['tuple', 'int 1', 'int 2'], true),
  acting('Dict of ints', new Map([[0, 1], [1, 2]]), { 0: 'int int 1', 1: 'int int 2' }), // prettier-ignore
  acting('OneOf', [0, 1], ['tuple', 'int 0', 'int 1'], true),
  acting('Sequence', [3, 0], ['tuple', 'int 3', 'int 0'], true),
  spaced('Graph', { type: 'Graph', node_space: { type: 'Box' }, edge_space: { n: 3 } }),
  describing('spaces made in reset', 'MadeInReset'),
  describing('a space changed in reset', 'ChangedInReset'),
  describing('an observation_space that raises', 'RaisingSpace', {
    ready: { observationSpace: null, actionSpace: { n: 3 } },
  }),
  describing('a space whose bounds raise', 'RaisingInside', { ready: { actionSpace: { n: 3 } } }),
  describing('metadata that raise', 'RaisingMetadata'),
  describing('a space that has itself inside', 'LoopedSpace'),
];

const pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 51, 51, 255, 255, 255, 0, 0, 0];
const rgba = (values: readonly number[]) =>
  Array.from({ length: (values.length / 3) * 4 }, (_, i) => (i % 4 === 3 ? 255 : values[(i >> 2) * 3 + (i % 4)]));
const picture = { kind: 'pixels', width: 3, height: 2, data: rgba(pixels) };
const grey = (values: readonly number[]) => ({
  ...picture,
  data: rgba(values.flatMap((value) => [value, value, value])),
});
const showing = row('single', 'pictures');
const shown = (kind: string, frames: string, more: More = {}): Row =>
  showing(`renders: ${kind}`, 'Shown', { shows: true, frames, ...more }, { kind });
const colours = { frame: picture };
const first = pixels.filter((_, i) => i % 3 === 0);
const ambiguous = { problems: 'render' };
const visible: readonly Row[] = [
  shown('rgb', 'pixels', colours),
  shown('rgba', 'pixels', colours),
  shown('grey', 'pixels', { frame: grey(first) }),
  shown('one channel', 'pixels', { frame: grey(first) }),
  // three columns, so it is taken for height × width × 3
  shown('channels first', 'pixels', { frame: { kind: 'pixels', width: 2, height: 3 } }),
  shown('tall channels first', 'pixels', { frame: { kind: 'pixels', width: 9, height: 10 } }),
  shown('unit float', 'pixels', colours),
  shown('float', 'none', ambiguous),
  shown('int64', 'pixels', colours),
  shown('uint16', 'pixels', colours),
  shown('too large', 'none', ambiguous),
  shown('flags', 'pixels', { frame: grey(first.map((value) => (value > 99 ? 255 : 0))) }),
  shown('flat', 'none', ambiguous),
  shown('bytes and shape', 'pixels', colours),
  shown('list of frames', 'pixels', colours),
  shown('no objects', 'objects'),
  shown('interface', 'pixels', colours),
  shown('figure', 'pixels', colours),
  shown('text', 'text', { frame: { kind: 'text', text: '#.\n.#' } }),
  shown('file', 'text', { frame: { kind: 'text', text: '#.\n.#' } }),
  shown('objects', 'objects'),
  shown('delta', 'objects', { frame: { delta: true, removed: ['me'] } }),
  shown('none', 'none'),
  shown('number', 'none', ambiguous),
  showing('renders with a mode as argument', 'OldMode', { shows: true, frames: 'pixels', ...colours }),
  showing('made without a render_mode', 'Modeless', { shows: true, frames: 'none', problems: 'render' }),
  showing('a picture for which a module is missing', 'Unready', { shows: true, frames: 'none', problems: 'render' }),
  showing('no picture implemented', 'NotImplemented_', { shows: true, frames: 'none', problems: 'render' }),
  showing('a picture that sometimes raises', 'RaisesSometimes', {
    shows: true,
    frames: 'pixels, ',
    problems: 'render',
  }),
  showing("a picture that draws from the env's generator", 'DrawsChance', { shows: true, frames: 'text' }),
  showing("a picture that draws from Python's generator", 'DrawsGlobalChance', {
    alone: true,
    shows: true,
    frames: 'text',
  }),
  showing('a picture that moves a camera', 'MovesCamera', { shows: true, frames: 'objects' }),
  showing('a picture that is what is observed', 'Repaints', { shows: true, frames: 'pixels' }),
  showing('one buffer for all pictures', 'Kept', { shows: true, frames: 'pixels' }),
];

const together = row('parallel', 'together');
const parallel: readonly Row[] = [
  together('agents at once', 'Pair', { ready: { agents: ['left', 'right'] } }),
  together('agents named by ints', 'Ints', { ready: { agents: [0, 1, 10] } }),
  together('agents named by tuples', 'Tuples', { ready: { agents: ["('red', 0)", "('red', 1)", "('blue', 0)"] } }),
  together('agents named "0" and 0', 'Mixed', { ready: { agents: ['0', 0] } }),
  together('no possible_agents', 'Unlisted'),
  together('no agents listed, but __all__ among the flags', 'EmptyOnClass', { ready: { agents: ['a', 'b'] } }),
  together('an array of agents', 'ArrayOfAgents', { ready: { agents: [0, 1] } }),
  together('agents that die and come back', 'Returning'),
  together('the last agent dies as another is born', 'Relay'),
  together("agents at once, pickled by the constructor's arguments", 'ByArguments'),
  together('agents at once, with action masks', 'Masked'),
  together('None for infos of agents at once', 'BareInfos'),
  together('an observation_space(agent) that raises', 'HalfDescribed'),
  together('one space for all agents', 'OneSpace'),
  row('team', 'together')('lists for agents without names', 'Team', { size: 2 }),
  row('team', 'together')('lists for agents that its spaces count, with infos from reset', 'ListedTeam', {
    size: 3,
    ready: { kind: 'parallel' },
  }),
  row('single', 'together', [
    [0, 1],
    [1, 1],
    [2, 0],
  ])('one agent that moves two', 'Central', { ready: { kind: 'parallel' } }),
  row('team', 'together')('three flags for two agents', 'Contradictory', {
    size: 2,
    expected: refusedAll('refused: ', 'nobody can tell what it means'),
  }),
];

const nine = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const inTurn = row('turns', 'turns', nine);
const turns: readonly Row[] = [
  inTurn('noughts and crosses, with masks in the observation', 'NoughtsAndCrosses'),
  inTurn("noughts and crosses, pickled by the constructor's arguments", 'NoughtsByArguments'),
  inTurn('noughts and crosses in a wrapper that keeps order', 'ordered'),
  inTurn('masks in the info', 'MaskInInfo'),
  inTurn('both choose, then both are told', 'Hidden'),
  inTurn('agents that die out of their turn', 'Dying'),
  inTurn('an order that is drawn, and tuples for names', 'Shuffled'),
  inTurn('a game for one in turns', 'OneAlone'),
];

const vectors = row('vector', 'vectors');
const stepped = { rollout: ['refused: PythonError', 'a vector env is stepped'] } as const;
const vector: readonly Row[] = [
  vectors('a vector of envs', 'Vector', { size: 3, expected: stepped, ready: { numEnvs: 3 } }),
  vectors('a vector of envs, with lists', 'Lists', { size: 3, expected: stepped }),
  vectors('a vector of one env', 'OfOne', { size: 1, expected: stepped }),
  vectors('a wrapper around a vector of envs', 'counting', { size: 3, expected: stepped }),
  vectors('a tuple of pictures', 'Frames', { size: 3, expected: stepped, shows: true, frames: 'pixels' }),
];

/** Classes of `__main__`; a few lines, since each lives with others there. */
const inMain = (name: string, source: string, more: More = {}): Row => ({
  name,
  kind: 'single',
  actions: three,
  spec: { source } satisfies EnvSpec,
  ...more,
});
const walk = 'from zoo.walk import Walk\n';
const main: readonly Row[] = [
  inMain(
    'a class in __main__',
    `${walk}class MainWalk(Walk):\n    def more(self): return self.rng.random()\nenv = MainWalk()`,
  ),
  inMain('a class in __main__ that comes again', `${walk}class MainWalk(Walk):\n    pass\nenv = MainWalk()`),
  inMain(
    'a class in a function of __main__',
    `${walk}def make():\n    class Inner(Walk):\n        def more(self): return make.__name__\n    return Inner()\nenv = make()`,
  ),
  inMain(
    'plain names of __main__',
    `${walk}main_count = 0\nclass CountingWalk(Walk):\n    def begin(self):\n        global main_count\n        main_count = 0\n    def advance(self, action):\n        global main_count\n        main_count += action\n    def more(self): return main_count\nenv = CountingWalk()`,
    { alone: true, expected: { state: ['different', elsewhere] } },
  ),
  inMain(
    'a list in __main__',
    `${walk}main_list = []\nclass ListingWalk(Walk):\n    def begin(self): main_list.clear()\n    def advance(self, action): main_list.append(action)\n    def more(self): return sum(main_list)\nenv = ListingWalk()`,
    { alone: true, expected: { state: ['different', elsewhere] } },
  ),
];

export const rows: readonly Row[] = [
  ...[...stateful, ...painted, ...forgetful, ...wrapped],
  ...[...answers, ...described, ...visible],
  ...[...parallel, ...turns, ...vector, ...main],
];
