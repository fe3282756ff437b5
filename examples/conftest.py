import sys
from pathlib import Path

# The examples import the shop like an installed application, but pytest's importlib mode adds no folder to sys.path.
sys.path.insert(0, str(Path(__file__).parent))
