def open_url(url):
    """In place of `pyodide.http.open_url`, which takes the page of an error for data."""
    try:
        from js import XMLHttpRequest
    except ImportError:
        raise OSError("open_url() needs a browser: in Node.js, await pyodide.http.pyfetch(), or give the env `files`") from None
    request = XMLHttpRequest.new()
    request.open("GET", url, False)
    try:
        request.send()
    except Exception:
        raise OSError(f"{url} could not be had: the network failed, or its server allows no other origin (CORS)") from None
    if request.status >= 400:
        kind = FileNotFoundError if request.status == 404 else OSError
        raise kind(f"{request.responseURL or url} could not be had: the server answered {request.status}")
    return StringIO(request.response)


class HttpFinder:
    """Puts it there when `pyodide.http` is imported, once; to import it at each boot would take some ms."""

    def find_spec(self, name, path=None, target=None):
        if name != "pyodide.http":
            return None
        sys.meta_path.remove(self)
        found = (finder.find_spec(name, path, target) for finder in sys.meta_path)
        spec = next(filter(None, found), None)
        if spec is not None:
            spec.loader = HttpLoader(spec.loader)
        return spec


class HttpLoader:
    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def exec_module(self, module):
        self.loader.exec_module(module)
        module.open_url = open_url


sys.meta_path.insert(0, HttpFinder())
