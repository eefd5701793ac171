// Jest's part of `import text from './x.py'`; webpack's is `asset/source`.
const transform = {
  /** @param {string} text */
  process: (text) => ({ code: `module.exports = { __esModule: true, default: ${JSON.stringify(text)} };` }),
};
export default transform;
