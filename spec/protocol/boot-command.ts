/** A command with all its fields. */
export const bootCommand = {
  type: 'boot',
  id: 1,
  indexURL: '/',
  base: null,
  snapshot: null,
  makeSnapshot: null,
  cache: { key: 'all', limit: 1e6 },
  image: null,
  packages: [],
  specs: [{ json: '{}', buffers: [] }],
  stall: 30_000,
};
