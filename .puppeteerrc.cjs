// The specs drive a browser that is installed already (see scripts/browser.mjs), so `npm ci` must not fetch one.
module.exports = { skipDownload: true };
