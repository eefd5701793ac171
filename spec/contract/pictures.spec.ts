import { firstValueFrom } from 'rxjs';
import type { Frame, GymEnv, PixelFrame, Problem, PythonRuntime } from '../../src/index';
import { realRuntime } from '../helpers/real-runtime';

let runtime: PythonRuntime;
beforeAll(() => {
  runtime = realRuntime();
});
afterAll(() => {
  runtime.dispose();
});

/** An env that renders what this Python expression comes to. */
const rendering = (python: string, more = ''): GymEnv =>
  runtime.env({
    source: `
import struct
from array import array
from io import StringIO
from math import prod

def shaped(code, shape, values=None):
    """An array as NumPy has them: of values that count up, or of these."""
    data = array(code, range(prod(shape)) if values is None else values)
    return memoryview(data.tobytes()).cast(code, list(shape))

class Thing:
    """What has these attributes."""
    def __init__(self, **attributes):
        vars(self).update(attributes)

class Array:
    """A LazyFrames, or a tensor: no buffer."""
    def __init__(self, inside):
        self.inside = inside
    def __array__(self, dtype=None):
        return self.inside

class Env:
    ${more || 'pass'}
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        each = [0] * getattr(self, "num_envs", 1)
        return (0, each, each, each, {}) if hasattr(self, "num_envs") else (0, 0, False, False, {})
    def render(self):
        return ${python}
env = Env()`,
  });

const render = (env: GymEnv): Promise<Frame | null> => firstValueFrom(env.render());

/** A picture's pixels, one number each where it is grey. */
async function pixelsOf(env: GymEnv): Promise<{ size: [number, number]; pixels: unknown[] }> {
  const { width, height, data } = (await render(env)) as PixelFrame;
  const pixels = Array.from({ length: data.length / 4 }, (_, i) => {
    const [red, green, blue, alpha] = data.subarray(4 * i, 4 * i + 4);
    return red === green && green === blue && alpha === 255 ? red : [red, green, blue, alpha];
  });
  return { size: [width, height], pixels };
}

const counting = (length: number): number[] => Array.from({ length }, (_, i) => i);

describe('render() may return', () => {
  it.each<[what: string, python: string, size: [number, number], pixels: unknown[]]>([
    ['uint8, h×w', 'shaped("B", [2, 3])', [3, 2], counting(6)],
    ['uint8, h×w×1', 'shaped("B", [2, 3, 1])', [3, 2], counting(6)],
    ['uint8, 1×h×w', 'shaped("B", [1, 8, 9])', [9, 8], counting(72)],
    ['uint8, h×w×3', 'shaped("B", [1, 2, 3])', [2, 1], [[0, 1, 2, 255], [3, 4, 5, 255]]], // prettier-ignore
    ['uint8, h×w×4', 'shaped("B", [2, 1, 4])', [1, 2], [counting(4), [4, 5, 6, 7]]],
    ['uint8, 3×h×w', 'shaped("B", [3, 8, 8])', [8, 8], counting(64).map((i) => [i, i + 64, i + 128, 255])],
    ['float32, 3×h×w', 'shaped("f", [3, 8, 8], [0.2] * 64 + [0.4] * 64 + [1] * 64)', [8, 8], counting(64).map(() => [51, 102, 255, 255])], // prettier-ignore
    ['uint8, 4×h×w', 'shaped("B", [4, 8, 8])', [8, 8], counting(64).map((i) => [i, i + 64, i + 128, i + 192])],
    ['float32 from 0 to 1', 'shaped("f", [1, 4], [0, 0.5, 1, 1.0001])', [4, 1], [0, 128, 255, 255]],
    ['float64 from 0 to 1', 'shaped("d", [1, 2, 3], [0, 0, 1, 0.2, 0.4, 0.6])', [2, 1], [[0, 0, 255, 255], [51, 102, 153, 255]]], // prettier-ignore
    ['float16', 'Half()', [2, 1], [51, 255]],
    ['int64', 'shaped("q", [1, 3], [0, 7, 255])', [3, 1], [0, 7, 255]],
    ['uint16', 'shaped("H", [1, 2], [0, 255])', [2, 1], [0, 255]],
    ['int32, h×w×3', 'shaped("i", [1, 1, 3], [1, 2, 255])', [1, 1], [[1, 2, 255, 255]]],
    ['int8', 'shaped("b", [1, 2], [0, 127])', [2, 1], [0, 127]],
    ['bool', 'memoryview(bytes([0, 1, 1, 0])).cast("?", [2, 2])', [2, 2], [0, 255, 255, 0]],
    ['bytes and their shape', '(bytes(range(4)), (2, 2))', [2, 2], counting(4)],
    ['an array by __array__', 'Array(shaped("f", [1, 2], [0, 1]))', [2, 1], [0, 255]],
    [
      'an array by __array_interface__',
      'Thing(__array_interface__={"shape": (1, 2), "typestr": "<f4", "data": array("f", [0, 1]).tobytes(), "version": 3})',
      [2, 1],
      [0, 255],
    ],
    [
      'a grey picture of Pillow’s',
      'Thing(mode="L", size=(3, 2), tobytes=lambda: bytes(range(6)))',
      [3, 2],
      counting(6),
    ],
    [
      'a picture of Pillow’s with a palette',
      'Thing(mode="P", size=(1, 2), tobytes=lambda: bytes(2), convert=lambda mode: Thing(mode=mode, size=(1, 2), tobytes=lambda: bytes(range(8))))',
      [1, 2],
      [counting(4), [4, 5, 6, 7]],
    ],
    ['a figure of Matplotlib’s, which is drawn first', 'Figure()', [1, 2], [counting(4), [4, 5, 6, 7]]],
    [
      'the frames since the last, of which it shows the newest',
      '[shaped("B", [1, 1]), shaped("B", [1, 2])]',
      [2, 1],
      [0, 1],
    ],
  ])('%s', async (_, python, size, pixels) => {
    const more = `
import struct
class Figure:
    canvas = property(lambda self: self)
    def draw(self): self.buffer = memoryview(bytes(range(8))).cast("B", [2, 1, 4])
    def buffer_rgba(self): return self.buffer
class Half:
    shape = (1, 2)
    def __buffer__(self, flags): return memoryview(struct.pack("2e", 0.2, 1)).cast("e")`;
    await firstValueFrom(runtime.run(more));
    expect(await pixelsOf(rendering(python))).toEqual({ size, pixels });
  });

  it.each<[what: string, python: string, more: string, frame: Frame | null]>([
    ['text in a StringIO', 'StringIO("line\\n")', '', { kind: 'text', text: 'line\n' }],
    ['an empty list of frames', '[]', 'render_mode = "rgb_array_list"', null],
    ['a list of texts', '["old", "new"]', 'render_mode = "ansi_list"', { kind: 'text', text: 'new' }],
    ['texts of a vector env', '("a", "b")', 'num_envs = 2', { kind: 'text', text: 'a\n\nb' }],
    ['nothing of a vector env', '(None, None)', 'num_envs = 2', null],
    ['no frames of a vector env', '([], [])', 'num_envs, render_mode = 2, "rgb_array_list"', null],
  ])('%s', async (_, python, more, frame) => {
    expect(await render(rendering(python, more))).toEqual(frame);
  });

  it('pictures of a vector env’s envs, which it shows side by side, row by row', async () => {
    const env = rendering('tuple(shaped("B", [2, 2], [i] * 4) for i in range(1, 4))', 'num_envs = 3');
    expect(await pixelsOf(env)).toEqual({ size: [4, 4], pixels: [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 0, 0, 3, 3, 0, 0] });
  });

  it('pictures of a vector env’s envs of several sizes, also as floats', async () => {
    const env = rendering('(shaped("f", [1, 1], [1]), shaped("f", [2, 2], [0.2] * 4))', 'num_envs = 2');
    expect(await pixelsOf(env)).toEqual({ size: [4, 2], pixels: [255, 0, 51, 51, 0, 0, 51, 51] });
  });
});

describe('a picture that is ambiguous is a problem that says its dtype and shape', () => {
  it.each<[python: string, more: string, said: string]>([
    ['shaped("B", [3, 5, 5])', '', 'uint8 of shape (3, 5, 5)'],
    ['shaped("B", [2, 3, 2])', '', 'uint8 of shape (2, 3, 2)'],
    ['shaped("B", [12])', '', 'uint8 of shape (12,)'],
    ['shaped("f", [1, 2], [0, 255])', '', 'float32 of shape (1, 2, 1) with the value 255'],
    ['shaped("d", [1, 2], [float("nan"), 0])', '', 'float64 of shape (1, 2, 1) with the value NaN'],
    ['shaped("q", [1, 2], [256, 0])', '', 'int64 of shape (1, 2, 1) with values that are not from 0 to 255'],
    ['shaped("h", [1, 2], [-1, 0])', '', 'int16 of shape (1, 2, 1) with values that are not from 0 to 255'],
    ['shaped("b", [1, 2], [-1, 0])', '', 'int8 of shape (1, 2, 1) with values that are not from 0 to 255'],
    ['(bytes(5), (2, 2))', '', 'uint8 of shape (2, 2)'],
    ['7', '', 'got int'],
    [
      '(shaped("B", [1, 1]), shaped("f", [1, 1]))',
      'num_envs = 2',
      'uint8 of shape (1, 1, 1), float32 of shape (1, 1, 1)',
    ],
  ])('%s', async (python, more, said) => {
    const env = rendering(python, more);
    const problems: Problem[] = [];
    env.problems$.subscribe((problem) => problems.push(problem));
    env.frames$.subscribe();
    expect(await firstValueFrom(env.step(0))).toMatchObject({ index: 1 });
    expect(problems).toMatchObject([{ kind: 'render', message: expect.stringContaining(said) as string }]);
  });
});
