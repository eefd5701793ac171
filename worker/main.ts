import { listen } from './serve.js';

listen(self, (indexURL) => indexURL);
