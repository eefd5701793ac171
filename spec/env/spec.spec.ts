import { checkSpec, imageOf, type EnvSpec } from '../../src/env/spec';
import { usageError } from '../operators/usage-error';

it('takes an option that is undefined for not given', () => {
  const spec = { source: 'env = 1', make: undefined, entryPoint: undefined, image: undefined } as unknown as EnvSpec;
  expect(() => checkSpec(spec)).not.toThrow();
  expect(imageOf(spec)).toBeNull();
});

it.each<[spec: object, option: string]>([
  [{}, 'spec'],
  [{ source: 'env = 1', image: 'env.image' }, 'spec'],
  [{ source: '' }, 'source'],
  [{ entryPoint: 'module.Factory' }, 'entryPoint'],
  [{ source: 'env = 1', kwargs: {} }, 'kwargs'],
  [{ image: 'env.image', kwargs: {} }, 'kwargs'],
  [{ entryPoint: 'module:Factory', numEnvs: 2 }, 'numEnvs'],
  [{ make: 'CartPole-v1', numEnvs: 1.5 }, 'numEnvs'],
  [{ make: 'CartPole-v1', kwargs: [] }, 'kwargs'],
  [{ source: 'env = 1', beforeStep: 1 }, 'beforeStep'],
  [{ source: 'env = 1', render: { fps: 0 } }, 'render.fps'],
  [{ source: 'env = 1', frames: { inFlight: 0 } }, 'frames.inFlight'],
  [{ source: 'env = 1', recovery: { ms: 0 } }, 'recovery.ms'],
])('refuses %j', (spec, option) => {
  expect(() => checkSpec(spec as EnvSpec)).toThrow(usageError(option));
});
