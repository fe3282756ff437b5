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


def decorated(activation: Activation, target: Any) -> Any:
    """The function or test class with the activation around it.

    :raises TypeError: if it is neither. What it is instead is named by its type: it may hold secrets.
    """
    if isinstance(target, type):
        return _decorated_class(activation, target)
    if isinstance(target, staticmethod | classmethod):
        return type(target)(_decorated_function(activation, target.__func__))
    is_function = inspect.isfunction(target) or inspect.ismethod(target) or inspect.isbuiltin(target)
    # pytest before 8.4 leaves a fixture a function, with this mark on it.
    if not is_function or hasattr(target, "_pytestfixturefunction"):
        raise TypeError(
            f"mock_secrets decorates functions and test classes, and takes parameters by name: it was given a"
            f" {type(target).__name__}. On a pytest fixture it stands below @pytest.fixture."
        )
    return _decorated_function(activation, target)


def _decorated_function(activation: Activation, function: Function) -> Function:
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


def _decorated_class(activation: Activation, target: type) -> type:
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
            return function(*args, **given(args, kwargs, backend))

    return wrapper


def _around_coroutine(activation: Activation, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with activation as backend:
            return await function(*args, **given(args, kwargs, backend))

    return wrapper


def _around_generator(activation: Activation, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with activation as backend:
            return (yield from function(*args, **given(args, kwargs, backend)))

    return wrapper


def _around_async_generator(activation: Activation, function: Function) -> Function:
    given = _arguments(function)

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with activation as backend:
            generator = function(*args, **given(args, kwargs, backend))
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


def _arguments(function: Function) -> Callable[[tuple[Any, ...], dict[str, Any], Any], dict[str, Any]]:
    """What adds the backend to a call's arguments if the function asks for it and the caller did not give it."""
    signature = inspect.signature(function)
    if BACKEND_PARAMETER not in signature.parameters:
        return lambda args, kwargs, backend: kwargs  # noqa: ARG005

    def given(args: tuple[Any, ...], kwargs: dict[str, Any], backend: Any) -> dict[str, Any]:
        if BACKEND_PARAMETER in signature.bind_partial(*args, **kwargs).arguments:
            return kwargs
        return {**kwargs, BACKEND_PARAMETER: backend}

    return given


def _decorate_test_case(activation: Activation, case: type[unittest.TestCase]) -> None:
    """Around ``run``, so that one activation holds setUp, the test, tearDown and the cleanups.

    A ``setUpClass``, also one that a subclass adds, begins it for the whole class: what it sets up is then there in
    every test.
    """
    run = case.run

    @functools.wraps(run)
    def run_inside(self: unittest.TestCase, result: unittest.TestResult | None = None) -> Any:
        with activation:
            return run(self, result)

    def wrap_set_up(cls: type[unittest.TestCase], set_up: Any) -> None:
        if set_up is not None and set_up is not unittest.TestCase.__dict__["setUpClass"]:
            cls.setUpClass = classmethod(_set_up_class(activation, set_up))  # type: ignore[method-assign, assignment]

    inherited: Any = inspect.getattr_static(case, "__init_subclass__")

    def init_subclass(cls: type[unittest.TestCase], /, **kwargs: Any) -> None:
        inherited.__get__(None, cls)(**kwargs)
        wrap_set_up(cls, cls.__dict__.get("setUpClass"))

    case.run = run_inside  # type: ignore[method-assign]
    case.__init_subclass__ = classmethod(init_subclass)  # type: ignore[assignment]
    wrap_set_up(case, inspect.getattr_static(case, "setUpClass"))


def _set_up_class(activation: Activation, set_up: Any) -> Function:
    def set_up_inside(cls: type[unittest.TestCase]) -> None:
        activation.start()
        # Also undone if the set-up fails, when no tearDownClass is called.
        cls.addClassCleanup(activation.stop)
        set_up.__get__(None, cls)()

    return set_up_inside


def _decorate_plain_class(activation: Activation, target: type) -> None:
    """From set-up to tear-down of each test, and of the class where it has any; and around each test by itself.

    The last is for a caller other than pytest, which knows nothing of set-up methods.
    """
    if hasattr(target, "setup_class") or hasattr(target, "teardown_class"):
        for name, function in _bracket(activation, target, "setup_class", "teardown_class"):
            setattr(target, name, classmethod(_with_one_parameter(function)))
    for name, function in _bracket(activation, target, "setup_method", "teardown_method"):
        setattr(target, name, _with_two_parameters(function))
    for name in dir(target):
        if name.startswith("test"):
            _replace(target, name, functools.partial(_decorated_function, activation))


# pytest counts the parameters of a set-up method to see what to pass.


def _with_one_parameter(function: Function) -> Function:
    return lambda cls: function(cls)  # noqa: PLW0108 - see above


def _with_two_parameters(function: Function) -> Function:
    return lambda self, method=None: function(self, method)


def _bracket(activation: Activation, target: type, setup: str, teardown: str) -> list[tuple[str, Function]]:
    """What has the mock active from the beginning of a class's own set-up to the end of its tear-down."""
    set_up, tear_down = _hook(target, setup), _hook(target, teardown)

    def begin(*owner_and_method: Any) -> None:
        activation.start()
        try:
            set_up(*owner_and_method)
        except BaseException:
            activation.stop()
            raise

    def end(*owner_and_method: Any) -> None:
        try:
            tear_down(*owner_and_method)
        finally:
            activation.stop()

    return [(setup, begin), (teardown, end)]


def _hook(target: type, name: str) -> Function:
    """A class's own set-up or tear-down, called with as many arguments as it takes."""
    member: Any = inspect.getattr_static(target, name, None)
    if member is None:
        return lambda *_: None

    def call(owner: Any, *rest: Any) -> None:
        if isinstance(owner, type):
            bound = member.__get__(None, owner)
            arguments: tuple[Any, ...] = rest if isinstance(member, classmethod) else (owner, *rest)
        else:
            bound, arguments = member.__get__(owner, type(owner)), rest
        bound(*arguments[: len(inspect.signature(bound).parameters)])

    return call


def _replace(target: type, name: str, wrap: Callable[[Function], Function]) -> None:
    """Wrap a method, also if it is static, a class's, or inherited."""
    member = inspect.getattr_static(target, name)
    if isinstance(member, staticmethod | classmethod):
        setattr(target, name, type(member)(wrap(member.__func__)))
    elif inspect.isfunction(member):
        setattr(target, name, wrap(member))
