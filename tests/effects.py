"""Find code that changes the whole process, or that keeps data for as long as the process lives."""

import ast
from collections.abc import Iterator

# Modules that serve nothing else; what is called or read of others; what is called on them.
_MODULES = {"gc", "ctypes", "cffi", "_ctypes"}
_NAMES = (
    "sys.meta_path", "sys.path", "sys.path_hooks", "sys.path_importer_cache", "sys.excepthook",
    "sys.setswitchinterval", "sys.setrecursionlimit", "sys.settrace", "sys.setprofile",
    "sys.unraisablehook", "importlib.abc", "importlib.machinery", "importlib.reload",
    "importlib.util.module_from_spec", "importlib.util.spec_from_loader", "builtins",
    "signal.signal", "signal.setitimer", "signal.alarm",
    "signal.set_wakeup_fd", "warnings.filterwarnings", "warnings.simplefilter",
    "warnings.resetwarnings", "warnings.filters", "os.putenv", "os.unsetenv", "os.umask",
    "os.chdir", "contextlib.chdir", "locale.setlocale", "socket.setdefaulttimeout",
    "threading.excepthook", "threading.setprofile", "threading.settrace", "threading.stack_size",
    "multiprocessing.set_start_method", "resource.setrlimit", "mimetypes.add_type",
    "logging.disable", "logging.setLoggerClass", "decimal.setcontext", "random.seed",
    "ssl._create_default_https_context",
)  # fmt: skip
_WRITES = {"update", "setdefault", "pop", "popitem", "clear", "__setitem__", "__delitem__"}
_CACHES = {"functools.cache", "functools.lru_cache"}
_FILLS = {
    *_WRITES, "add", "append", "appendleft", "extend", "insert", "remove", "discard",
}  # fmt: skip


def effects(text: str) -> Iterator[str]:
    """Yield `line: what` for each effect on the whole process that code has."""
    tree = ast.parse(text)
    imported = _imported(tree)
    for node in ast.walk(tree):
        for what in _effects_of(node, imported):
            yield f"{getattr(node, 'lineno', 0)}: {what}"


def caches(text: str) -> dict[str, bool]:
    """Return the functions whose results are kept as long as the process lives.

    The value says whether their number has a limit. A cache within a function is its owner's.
    """
    tree = ast.parse(text)
    imported = _imported(tree)
    found = {}
    for node in _outside_functions(tree):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else None
                name = _dotted(call.func if call else decorator, imported)
                if name in _CACHES:
                    found[node.name] = name != "functools.cache" and not _is_endless(call)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _calls_a_cache(node, imported):
            found[ast.unparse(node).partition("=")[0].partition(":")[0].strip()] = False
    return found


def _effects_of(node: ast.AST, imported: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"import {one.name}" for one in node.names if one.name in _MODULES)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        names = [f"{node.module}.{one.name}" for one in node.names]
        if node.module in _MODULES:
            yield f"from {node.module} import"
        yield from (name for name in names if _is_forbidden(name))
    elif isinstance(node, ast.Attribute) and _is_forbidden(name := _dotted(node, imported)):
        yield name
    elif isinstance(node, ast.Call):
        yield from _calls(node, imported)
    elif isinstance(node, ast.Global):
        yield f"global {', '.join(node.names)}"
    yield from _writes(node, imported)


def _calls(node: ast.Call, imported: dict[str, str]) -> Iterator[str]:
    name = _dotted(node.func, imported)
    owner, _, method = name.rpartition(".")
    if owner == "os.environ" and method in _WRITES:
        yield name
    if name in {"setattr", "delattr"} and node.args:
        root = node.args[0]
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in imported:
            yield f"{name} of {_dotted(node.args[0], imported)}"


def _writes(node: ast.AST, imported: dict[str, str]) -> Iterator[str]:
    """Yield what is set in imported modules and classes, or in the environment."""
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(
        node.ctx, ast.Store | ast.Del
    ):
        root: ast.AST = node
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name) and root.id in imported:
            yield f"{ast.unparse(node)} is set"
    if isinstance(node, ast.Module):
        yield from (f"{name} is filled" for name in sorted(_filled(node)))


def _filled(module: ast.Module) -> set[str]:
    """Return the module's own names whose containers its functions change."""
    own = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    changed = set()
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Subscript):
                if not isinstance(node.ctx, ast.Load):
                    changed.add(ast.unparse(node.value))
            elif isinstance(node, ast.Attribute) and node.attr in _FILLS:
                changed.add(ast.unparse(node.value))
    return own & changed


def _is_forbidden(name: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in (*_NAMES, *_MODULES))


def _is_endless(call: ast.Call | None) -> bool:
    """Return whether a call of lru_cache says that there is no limit."""
    if call is None:
        return False
    limits = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "maxsize")]
    return any(isinstance(one, ast.Constant) and one.value is None for one in limits)


def _calls_a_cache(node: ast.Assign | ast.AnnAssign, imported: dict[str, str]) -> bool:
    return any(
        isinstance(one, ast.Call) and _dotted(one.func, imported) in _CACHES
        for one in ast.walk(node)
    )


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a module and of its classes, and no function's own."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _outside_functions(node)


def _imported(tree: ast.AST) -> dict[str, str]:
    """Return what each imported name stands for, wherever in the module it is imported."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                first = one.name.partition(".")[0]
                names[one.asname or first] = one.name if one.asname else first
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                names[one.asname or one.name] = f"{'.' * node.level}{node.module}.{one.name}"
    return names


def _dotted(node: ast.AST, imported: dict[str, str]) -> str:
    """Return the full name that an expression stands for; "" if it is none."""
    if isinstance(node, ast.Name):
        return imported.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, imported)
        return f"{owner}.{node.attr}" if owner else ""
    return ""
