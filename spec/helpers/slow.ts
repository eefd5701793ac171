// The first start of a Python or a browser takes long on a busy machine.
jest.setTimeout(300_000);
