import { listen } from './serve.js';

listen(self, { indexPath: (indexURL) => indexURL, fetchFile: (url) => fetch(url) });
