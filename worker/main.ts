import { listen } from './serve.js';

listen(self, { indexPath: (indexURL) => indexURL, fetchFile: (url, signal) => fetch(url, { signal }) });
