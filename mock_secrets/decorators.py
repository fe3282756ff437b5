"""An activation around functions of every kind, and around test classes."""

import functools
import inspect
import unittest
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Protocol

#: The attribute under which a decorated function or class keeps its activation.
MARK = "__mock_secrets__"

#: The parameter by which a decorated function asks for the backend.
BACKEND_PARAMETER = "secrets_backend"

Function = Callable[..., Any]


class Activation(Protocol):
    """What is put around a function: entered and left any number of times."""

    def start(self) -> Any: ...
    def stop(self) -> None: ...
    def __enter__(self) -> Any: ...
    def __exit__(self, *raised: object) -> None: ...


def decorated_function(activation: Activation, function: Function) -> Function:
    """The function with the activation around it, of the same kind and with the same signature.

    :raises TypeError: if it is no function.
    """
    if not inspect.isroutine(function) or not hasattr(function, "__name__"):
        raise TypeError(
            f"mock_secrets decorates functions and classes, and {function!r} is neither."
            " On a pytest fixture it stands below @pytest.fixture."
        )
    if inspect.isasyncgenfunction(function):
        wrapper = _around_async_generator(activation, function)
    elif inspect.iscoroutinefunction(function):
        wrapper = _around_coroutine(activation, function)
    elif inspect.isgeneratorfunction(function):
        wrapper = _around_generator(activation, function)
    else:
        wrapper = _around_function(activation, function)
    setattr(wrapper, MARK, activation)
    return wrapper


def decorated_class(activation: Activation, target: type) -> type:
    """The test class with the activation around each of its tests and their set-up."""
    setattr(target, MARK, activation)
    if issubclass(target, unittest.TestCase):
        _decorate_test_case(activation, target)
    else:
        _decorate_plain_class(activation, target)
    return target


def _around_function(activation: Activation, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with activation as backend:
            return function(*args, **given(kwargs, backend))

    return wrapper


def _around_coroutine(activation: Activation, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with activation as backend:
            return await function(*args, **given(kwargs, backend))

    return wrapper


def _around_generator(activation: Activation, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with activation as backend:
            return (yield from function(*args, **given(kwargs, backend)))

    return wrapper


def _around_async_generator(activation: Activation, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with activation as backend:
            generator = function(*args, **given(kwargs, backend))
            try:
                item = await anext(generator)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # noqa: BLE001 - thrown in from outside, and handed on
                        item = await generator.athrow(error)
                    else:
                        item = await generator.asend(sent)
            except StopAsyncIteration:
                return
            finally:
                await generator.aclose()

    return wrapper


def _arguments(function: Function) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """What adds the backend to a call's arguments if the function asks for it and nobody gave it."""
    if BACKEND_PARAMETER not in inspect.signature(function).parameters:
        return lambda kwargs, _: kwargs
    return lambda kwargs, backend: {BACKEND_PARAMETER: backend, **kwargs}


def _decorate_test_case(activation: Activation, case: type[unittest.TestCase]) -> None:
    """Around ``run``, so that one activation holds setUp, the test, tearDown and the cleanups.

    A setUpClass of its own begins it for the whole class: what it sets up is then there in every test.
    """
    run = case.run

    @functools.wraps(run)
    def run_inside(self: unittest.TestCase, result: unittest.TestResult | None = None) -> Any:
        with activation:
            return run(self, result)

    case.run = run_inside  # type: ignore[method-assign]
    set_up: Any = inspect.getattr_static(case, "setUpClass")
    if set_up is not inspect.getattr_static(unittest.TestCase, "setUpClass"):

        def set_up_inside(cls: type[unittest.TestCase]) -> None:
            activation.start()
            cls.addClassCleanup(activation.stop)
            set_up.__get__(None, cls)()

        case.setUpClass = classmethod(set_up_inside)  # type: ignore[method-assign, assignment]


def _decorate_plain_class(activation: Activation, target: type) -> None:
    """Around each test; from ``setup_method`` or ``setup_class`` on where the class has them."""
    for level in ("method", "class"):
        if hasattr(target, f"setup_{level}"):
            _bracket(activation, target, f"setup_{level}", f"teardown_{level}")
    for name in dir(target):
        if name.startswith("test"):
            _replace(target, name, functools.partial(decorated_function, activation))


def _bracket(activation: Activation, target: type, setup: str, teardown: str) -> None:
    """Have the mock active from the beginning of a set-up to the end of its tear-down."""

    def begin(function: Function) -> Function:
        takes = _positional(function)

        @functools.wraps(function)
        def set_up(*args: Any) -> Any:
            activation.start()
            try:
                return function(*args[:takes])
            except BaseException:
                activation.stop()
                raise

        return set_up

    def end(function: Function) -> Function:
        takes = _positional(function)

        @functools.wraps(function)
        def tear_down(*args: Any) -> Any:
            try:
                return function(*args[:takes])
            finally:
                activation.stop()

        return tear_down

    if not hasattr(target, teardown):
        setattr(target, teardown, staticmethod(_nothing))
    _replace(target, setup, begin)
    _replace(target, teardown, end)


def _positional(function: Function) -> int:
    """How many arguments a set-up takes: pytest counts those of the wrapper to decide whether to pass its own."""
    return len(inspect.signature(function).parameters)


def _nothing() -> None:
    """A tear-down for a class that has none."""


def _replace(target: type, name: str, wrap: Callable[[Function], Function]) -> None:
    """Wrap a method, also if it is static, a class's, or inherited."""
    member = inspect.getattr_static(target, name)
    if isinstance(member, staticmethod | classmethod):
        setattr(target, name, type(member)(wrap(member.__func__)))
    elif inspect.isfunction(member):
        setattr(target, name, wrap(member))
