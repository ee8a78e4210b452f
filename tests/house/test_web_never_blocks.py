"""Pure ASGI middleware, and nothing by way of the thread pool: each was measured to more than halve throughput."""

import ast

from tests.house.source import mentioned, python_files, tree

ROUTING = {"get", "post", "put", "patch", "delete", "head", "options", "api_route", "exception_handler"}


def test_no_middleware_wraps_requests_in_tasks() -> None:
    wrapped = [
        f"{file}:{line}"
        for file in python_files("service")
        for line, said in mentioned(file)
        if said.endswith(("BaseHTTPMiddleware", "app.middleware"))
    ]

    assert wrapped == []


def test_every_route_and_dependency_is_async() -> None:
    plain = [complaint for file in python_files("service/web") for complaint in _plain_routes(file)]
    plain += [complaint for file in python_files("service/web") for complaint in _plain_dependencies(file)]

    assert plain == []


def _plain_routes(file: str) -> list[str]:
    return [
        f"{file}:{node.lineno} def {node.name}"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in ROUTING
    ]


def _plain_dependencies(file: str) -> list[str]:
    """Dependencies that FastAPI would run in a thread: a plain function, a class, a factory of plain functions."""
    slow = {name for each in python_files("service/web") for name in _called_in_a_thread(each)}
    return [
        f"{file}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Depends", "Security"}
        for argument in node.args[:1]
        if ast.unparse(argument).split(".")[-1].removesuffix("()") in slow
        or (isinstance(argument, ast.Call) and f"{ast.unparse(argument.func)}()" in slow)
        or isinstance(argument, ast.Lambda)
    ]


def _called_in_a_thread(file: str) -> set[str]:
    names = set()
    for node in tree(file).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
            if any(isinstance(inner, ast.FunctionDef) and inner is not node for inner in ast.walk(node)):
                names.add(f"{node.name}()")
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
            if any(isinstance(inner, ast.FunctionDef) and inner.name == "__call__" for inner in node.body):
                names.add(f"{node.name}()")
    return names
