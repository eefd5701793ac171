@answering
def files_changed(paths):
    """Files were written; those of `paths` had other bytes before. What was imported of these is imported anew."""
    importlib.invalidate_caches()
    changed = set(json.loads(paths))
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) in changed:
            del sys.modules[name]
    for path in changed:
        # it is compared by its size and the second in which it was written
        compiled_file = importlib.util.cache_from_source(path) if path.endswith(".py") else ""
        if os.path.exists(compiled_file):
            os.remove(compiled_file)
